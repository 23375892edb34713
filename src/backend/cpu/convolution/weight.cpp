// The gradient by a convolution's weight: for each of the kernel's numbers, the sum over all places of what it was
// multiplied with, times y's gradient there. Rows of a tile are the kernel's numbers, which are read where the images
// lie; its columns are y's channels, which are packed for some places at a time.
#include <algorithm>

#include "backend/cpu/convolution/kernels.h"
#include "backend/cpu/convolution/patch_product.h"
#include "backend/cpu/parallel.h"
#include "backend/cpu/simd/vector_elementwise.h"

namespace tenon::backend::cpu {
namespace {

constexpr int64_t depth = 512;  // places that are added up before they are added to the sums
constexpr int64_t part_places = 8192;
constexpr int64_t few_channels = 16;  // then the batch is cut, too, so that threads have something to do

template <class T>
class WeightGradient {
 public:
  WeightGradient(const Tensor& weight, const Images& x, const Images& y, const WindowPlan& plan, int64_t groups)
      : kernel_(weight),
        x_(x),
        y_(y),
        plan_(plan),
        groups_(groups),
        channels_(x.channels / groups),
        columns_(y.channels / groups),
        panels_(panels_of(dtype_of<T>(), columns_)),
        units_(plan.units(y.batch, depth, 1)) {}

  void run() {
    const int64_t places = y_.batch * y_.points(), threads = threads_for(places * y_.channels * channels_ * plan_.taps);
    // The cut of the batch goes by sizes alone: its parts are added up. That of channels is free.
    const auto count = static_cast<int64_t>(units_.size());
    const int64_t parts =
        x_.channels < few_channels ? std::clamp<int64_t>(places / part_places, 1, std::min<int64_t>(count, 16)) : 1;
    const int64_t shares = std::clamp<int64_t>((threads + parts * groups_ - 1) / (parts * groups_), 1, channels_);
    const int64_t row = panels_.count * panels_.width, rows = groups_ * channels_ * plan_.taps;
    const Scratch<T> sums(parts * rows * row);
    const WindowSource<T> source(plan_, x_, units_);
    const int64_t tasks = parts * groups_ * shares;
    const auto grain = [threads](int64_t n) { return threads == 1 ? n : 1; };
    parallel_for(tasks, grain(tasks), [&](int64_t begin, int64_t end) {
      WindowSource<T> own = source;
      const Scratch<T> copy(own.room()), packed(depth * panels_.width);
      for (int64_t i = begin; i < end; ++i) {
        const int64_t part = i / (groups_ * shares), group = i / shares % groups_, share = i % shares;
        const int64_t first = group * channels_ + channels_ * share / shares,
                      last = group * channels_ + channels_ * (share + 1) / shares;
        T* to = sums.get() + (part * rows + first * plan_.taps) * row;
        std::fill_n(to, (last - first) * plan_.taps * row, T{0});
        for (int64_t u = count * part / parts; u < count * (part + 1) / parts; ++u)
          add(units_[static_cast<std::size_t>(u)], group, first, last, own, copy.get(), packed.get(), to);
      }
    });
    const int64_t out_tasks = groups_ * channels_;
    parallel_for(out_tasks, threads == 1 ? out_tasks : 1, [&](int64_t begin, int64_t end) {
      T* all = sums.get() + begin * plan_.taps * row;
      const int64_t n = (end - begin) * plan_.taps * row;
      for (int64_t part = 1; part < parts; ++part) {
        const T* more = all + part * rows * row;
        for (int64_t i = 0; i < n; ++i) all[i] += more[i];
      }
      finish(begin, end, all);
    });
  }

 private:
  /// What a unit adds to the sums of channels [first, last).
  void add(const Unit& u, int64_t group, int64_t first, int64_t last, WindowSource<T>& source, T* copy, T* packed,
           T* to) const {
    source.read(u, first, last, copy);
    const int64_t width = panels_.width, row = panels_.count * width;
    const auto rows = static_cast<std::size_t>((last - first) * plan_.taps);
    std::vector<const T*> begins;
    std::vector<T*> sums(rows);
    begins.reserve(rows);
    Sizes begin{};
    begin[static_cast<std::size_t>(plan_.cut)] = u.first;
    const T* origin = source.at(u.image, begin);
    for (int64_t c = first; c < last; ++c)
      for (const WindowPlan::Tap& tap : plan_.phases[0])
        begins.push_back(origin + c * source.channel_step() + source.offset(tap.step));
    std::array<int64_t, depth> offsets, at;  // of places in the images, and in y
    int64_t count = 0;
    const auto add_places = [&] {
      for (int64_t panel = 0; panel < panels_.count; ++panel) {
        const int64_t channel = panel * width;
        read_places(y_, group * columns_ + channel, std::min(width, columns_ - channel), width, at.data(), count,
                    packed);
        for (std::size_t r = 0; r < rows; ++r) sums[r] = to + static_cast<int64_t>(r) * row + panel * width;
        add_products(PatchProduct<T>{static_cast<int64_t>(rows), count, width, begins.data(), 0, offsets.data(), packed,
                                     sums.data(), nullptr});
      }
      count = 0;
    };
    plan_.for_places(u, [&](int64_t image, const Sizes& place) {
      const auto i = static_cast<std::size_t>(count);
      offsets[i] = source.at(image, place) - origin;
      at[i] = y_.place(image, place);
      if (++count == depth) add_places();
    });
    if (count > 0) add_places();
  }

  /// The sums of channels [begin, end), counted over all groups, into the weight.
  void finish(int64_t begin, int64_t end, const T* all) const {
    const int64_t row = panels_.count * panels_.width, taps = plan_.taps, bytes = item_size(kernel_.type);
    const bool half = is_half(kernel_.type);
    const Scratch<T> turned(half ? columns_ * (end - begin) * taps : 0);
    for (int64_t next = begin; begin < end; begin = next) {  // a group at a time
      next = std::min(end, (begin / channels_ + 1) * channels_);
      const T* from = all;
      all += (next - begin) * taps * row;
      std::byte* out =
          kernel_.data + (begin / channels_ * columns_ * kernel_.n + begin % channels_ * kernel_.c) * bytes;
      const auto write = [&](int64_t at, const T* first, int64_t across, int64_t count) {
        if (!half) return transpose_rows(kernel_.type, out + at * bytes, kernel_.n, first, across, count, columns_);
        transpose_rows(dtype_of<T>(), turned.get(), count, first, across, count, columns_);
        if constexpr (std::is_same_v<T, float>)
          for (int64_t o = 0; o < columns_; ++o)
            vector_narrow(kernel_.type, out + (at + o * kernel_.n) * bytes, turned.get() + o * count, count);
      };
      if (kernel_.c == taps) write(0, from, row, (next - begin) * taps);
      else
        for (int64_t t = 0; t < taps; ++t) write(place(t), from + t * row, taps * row, next - begin);
    }
  }

  /// Where the kernel's numbers lie.
  int64_t place(int64_t tap) const {
    return tap % kernel_.sizes[2] * kernel_.strides[2] +
           tap / kernel_.sizes[2] % kernel_.sizes[1] * kernel_.strides[1] +
           tap / (kernel_.sizes[1] * kernel_.sizes[2]) * kernel_.strides[0];
  }

  const Images kernel_;
  const Images &x_, &y_;
  const WindowPlan& plan_;
  const int64_t groups_, channels_, columns_;
  const Panels panels_;
  const std::vector<Unit> units_;
};

}  // namespace

void convolution_weight(const Tensor& weight, const Tensor& x, const Tensor& y, const Convolution& c) {
  const Images from(x), to(y), kernel(weight);
  if (by_channel(c.groups, from.channels, to.channels)) return channel_weight(weight, x, y, c);
  const WindowPlan plan(to, kernel.sizes, c.windows, false);
  if (y.dtype() == float64) WeightGradient<double>(weight, from, to, plan, c.groups).run();
  else WeightGradient<float>(weight, from, to, plan, c.groups).run();
}

}  // namespace tenon::backend::cpu
