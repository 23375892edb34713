#pragma once
// Where a convolution's windows lie, and the numbers in them as its loops read them.
#include <array>
#include <cstdint>
#include <vector>

#include "backend/convolution.h"
#include "backend/cpu/gemm/scratch.h"

namespace tenon::backend::cpu {

using Sizes = std::array<int64_t, 3>;

/// A batch of images in memory, with 1 for the dimensions that they lack in front of those that they have.
struct Images {
  Images(const Tensor& x);
  std::byte* data;
  DType type;
  int64_t batch, channels;
  Sizes sizes;
  int64_t n, c;   ///< from one image, one channel to the next, in elements
  Sizes strides;  ///< the same for the dimensions of an image
  int64_t points() const { return sizes[0] * sizes[1] * sizes[2]; }
  /// Where channel 0 of a place lies.
  int64_t place(int64_t image, const Sizes& at) const {
    return image * n + at[0] * strides[0] + at[1] * strides[1] + at[2] * strides[2];
  }
};

/// `count` channels from `first` on of the places that begin there: (places, width), zeros behind the channels.
template <class T>
void read_places(const Images& x, int64_t first, int64_t count, int64_t width, const int64_t* places, int64_t n, T* to);

/// What the sums for one image's dimension read. A sum for place i takes the elements base(i) + step for each tap of
/// the phase that the place is in: forward there is one phase; the gradient by the input, where the stride is s, has s,
/// of which each sees other numbers of the kernel.
struct Axis {
  struct Tap {
    int64_t kernel, step;
  };
  static Axis forward(int64_t kernel, int64_t stride, int64_t padding, int64_t dilation);
  static Axis input(int64_t kernel, int64_t stride, int64_t padding, int64_t dilation);

  int64_t base(int64_t i) const { return divided ? (i + padding) / stride : i * stride - padding; }
  int64_t phase(int64_t i) const { return divided ? (i + padding) % stride : 0; }

  bool divided;
  int64_t stride, padding;
  std::vector<std::vector<Tap>> taps;  ///< by phase
  int64_t low = 0, high = 0;           ///< the least and the greatest step
};

/// A part of what is computed that is computed at a time: some images, or a part of one along `cut`.
struct Unit {
  int64_t image, images, first, count;
};

/// The windows of a batch of images, and how they are shared out.
class WindowPlan {
 public:
  /// The places of `out`, which is y, or, where `input` holds, x.
  WindowPlan(const Images& out, const Sizes& kernel, const Windows& windows, bool input);

  struct Tap {
    int64_t kernel;  ///< which number of the kernel, counted row by row
    Sizes step;
  };
  std::array<Axis, 3> axes;
  std::vector<std::vector<Tap>> phases;
  int64_t taps;  ///< of all phases: the kernel's numbers
  int cut;       ///< the first of out's dimensions that has more than one place
  Sizes out_sizes;

  /// At least about `places` of out in each, and a multiple of `multiple` units where there are places enough.
  std::vector<Unit> units(int64_t batch, int64_t places, int64_t multiple) const;
  int64_t phase(const Sizes& at) const;
  /// f(image, place) for a unit's places, row by row.
  template <class F>
  void for_places(const Unit& u, F f) const {
    Sizes from{}, to = out_sizes;
    from[static_cast<std::size_t>(cut)] = u.first;
    to[static_cast<std::size_t>(cut)] = u.first + u.count;
    for (int64_t n = u.image; n < u.image + u.images; ++n) {
      Sizes at;
      for (at[0] = from[0]; at[0] < to[0]; ++at[0])
        for (at[1] = from[1]; at[1] < to[1]; ++at[1])
          for (at[2] = from[2]; at[2] < to[2]; ++at[2]) f(n, at);
    }
  }
};

/// A unit's part of what is read: where it lies, or, where windows go over its edges or its type is not computed in, a
/// copy with zeros around it.
template <class T>
class WindowSource {
 public:
  /// `panel`: 0, or how many channels a copy has side by side, those that are read and zeros.
  WindowSource(const WindowPlan& plan, const Images& in, const std::vector<Unit>& units, int64_t panel = 0);

  /// How many elements a copy takes; 0: none is made.
  int64_t room() const { return room_; }
  int64_t channel_step() const { return c_; }
  int64_t offset(const Sizes& step) const {
    return step[0] * strides_[0] + step[1] * strides_[1] + step[2] * strides_[2];
  }
  /// Fills `copy` with what the unit reads of channels [first, last).
  void read(const Unit& u, int64_t first, int64_t last, T* copy);
  /// Where the window for a place of out begins, channel 0 (only those read may be looked at).
  const T* at(int64_t image, const Sizes& place) const {
    const T* p = begin_ + (image - image_) * n_;
    for (std::size_t d = 0; d < 3; ++d) p += (plan_.axes[d].base(place[d]) - start_[d]) * strides_[d];
    return p;
  }

 private:
  const WindowPlan& plan_;
  const Images& in_;
  int64_t panel_;
  bool channels_last_;
  int64_t room_ = 0, n_, c_;
  Sizes strides_;
  // of the unit that was read
  const T* begin_ = nullptr;
  int64_t image_ = 0;
  Sizes start_{};
};

}  // namespace tenon::backend::cpu
