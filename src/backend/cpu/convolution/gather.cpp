// Convolutions forward, and the gradient by the input, which is one, too: for each place of the result, the numbers in
// its window times the weight. Rows of a tile are places, whose windows are read where they lie; its columns are
// channels of the result, for which the weight is packed once.
#include <algorithm>

#include "backend/cpu/convolution/kernels.h"
#include "backend/cpu/convolution/patch_product.h"
#include "backend/cpu/parallel.h"
#include "backend/cpu/simd/vector_elementwise.h"

namespace tenon::backend::cpu {
namespace {

constexpr int64_t block_places = 192;  // whose sums are kept at a time
constexpr int64_t depth = 384;         // numbers of a window that are added up before they are added to the sums

/// The weight (O, C/groups, *kernel) as the sums read it: `across` steps from one channel of the result to the next,
/// `along` from one channel of what is read, `taps[t]` from one number of the kernel.
struct WeightView {
  const std::byte* data;
  DType type;
  int64_t group, across, along;
  std::vector<int64_t> taps;
};

template <class T>
class Gather {
 public:
  Gather(const Images& out, const Images& in, const WindowPlan& plan, const WeightView& weight, const Tensor& bias,
         int64_t groups)
      : out_(out),
        in_(in),
        plan_(plan),
        weight_(weight),
        by_channel_(by_channel(groups, in.channels, out.channels)),
        groups_(by_channel_ ? 1 : groups),
        columns_(out.channels / groups_),
        channels_(in.channels / groups),
        k_(channels_ * plan.taps),
        panels_(panels_of(dtype_of<T>(), columns_)),
        packed_(groups * panels_.count * k_ * panels_.width),
        bias_(groups * panels_.count * panels_.width) {
    int64_t row = 0;
    for (const auto& phase : plan.phases) {
      begins_.push_back(row);
      row += channels_ * static_cast<int64_t>(phase.size());
    }
    begins_.push_back(row);
    std::fill_n(bias_.get(), groups * panels_.count * panels_.width, T{0});
    if (bias.defined())
      for (int64_t i = 0; i < out.channels; ++i) {
        T* to = bias_.get() + (i / columns_ * panels_.count + i % columns_ / panels_.width) * panels_.width +
                i % columns_ % panels_.width;
        if (is_half(out.type)) copy_row(out.type, to, bias.impl()->data + i * item_size(out.type), 1, 1);
        else *to = reinterpret_cast<const T*>(bias.impl()->data)[i];
      }
  }

  void run() {
    const int64_t places = out_.batch * out_.points();
    const int64_t threads = threads_for(places * out_.channels * k_);
    const auto units = plan_.units(out_.batch, 2 * block_places, threads);
    const WindowSource<T> source(plan_, in_, units, by_channel_ ? panels_.width : 0);
    std::vector<int64_t> offsets(static_cast<std::size_t>(k_));
    std::size_t l = 0;
    for (const auto& phase : plan_.phases)
      for (int64_t c = 0; c < channels_; ++c)
        for (const WindowPlan::Tap& tap : phase) offsets[l++] = c * source.channel_step() + source.offset(tap.step);
    offsets_ = offsets.data();
    const int64_t all_panels = groups_ * panels_.count;
    const auto grain = [threads](int64_t n) { return threads == 1 ? n : 1; };
    parallel_for(all_panels, grain(all_panels), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) pack(i);
    });
    // Where there are fewer units than threads, each is computed by several, which share out the panels.
    const auto count = static_cast<int64_t>(units.size());
    const int64_t shares = std::clamp<int64_t>(threads / count, 1, all_panels), tasks = count * shares;
    parallel_for(tasks, grain(tasks), [&](int64_t begin, int64_t end) {
      Work work(source, panels_.width, is_half(out_.type) ? panels_.width * block_places : 0);
      for (int64_t i = begin; i < end; ++i) {
        const int64_t share = i % shares;
        unit(units[static_cast<std::size_t>(i / shares)], all_panels * share / shares,
             all_panels * (share + 1) / shares, work);
      }
    });
  }

 private:
  /// What a thread keeps for itself: the places of a block, ordered by phase.
  struct Work {
    Work(const WindowSource<T>& of, int64_t width, int64_t turned_room)
        : source(of), copy(of.room()), sums(block_places * width), turned(turned_room) {}
    WindowSource<T> source;
    Scratch<T> copy, sums, turned;
    std::array<const T*, block_places> begins{}, ordered{};
    std::array<T*, block_places> to{};
    std::array<int64_t, block_places> phase{}, out{};
    int64_t count = 0;
  };

  /// The weight of one panel: (phase, channel, tap of the phase; width).
  void pack(int64_t index) {
    const int64_t width = panels_.width, first = index % panels_.count * width;
    const int64_t count = std::min(width, columns_ - first), taps = plan_.taps, bytes = item_size(weight_.type);
    T* panel = packed_.get() + index * k_ * width;
    const auto at = [&](int64_t channel, int64_t tap) {
      return weight_.data + (index / panels_.count * weight_.group + first * weight_.across + channel * weight_.along +
                             weight_.taps[static_cast<std::size_t>(tap)]) *
                                bytes;
    };
    if (count < width) std::fill_n(panel, k_ * width, T{0});
    // Rows of the panel from one channel of what is read to the next are those of the phase apart.
    const auto rows_of = [&](auto row) {
      for (std::size_t f = 0; f < plan_.phases.size(); ++f) {
        const auto& phase = plan_.phases[f];
        const auto step = static_cast<int64_t>(phase.size()) * width;
        for (std::size_t i = 0; i < phase.size(); ++i)
          row(phase[i].kernel, panel + (begins_[f] + static_cast<int64_t>(i)) * width, step);
      }
    };
    if (weight_.across == 1) {
      rows_of([&](int64_t tap, T* to, int64_t step) {
        for (int64_t c = 0; c < channels_; ++c) copy_row(weight_.type, to + c * step, at(c, tap), count, count);
      });
    } else if (weight_.along == 1) {
      rows_of([&](int64_t tap, T* to, int64_t step) {
        transpose_rows(weight_.type, to, step, at(0, tap), weight_.across, count, channels_);
      });
    } else if (plan_.phases.size() == 1 && weight_.along == taps) {
      transpose_rows(weight_.type, panel, width, at(0, 0), weight_.across, count, k_);
    } else {  // the kernel's numbers lie side by side
      const Scratch<T> turned(taps * width);
      for (int64_t c = 0; c < channels_; ++c) {
        transpose_rows(weight_.type, turned.get(), width, at(c, 0), weight_.across, count, taps);
        rows_of(
            [&](int64_t tap, T* to, int64_t step) { std::copy_n(turned.get() + tap * width, count, to + c * step); });
      }
    }
  }

  void unit(const Unit& u, int64_t first_panel, int64_t last_panel, Work& work) {
    if (by_channel_) {
      for (int64_t panel = first_panel; panel < last_panel; ++panel) {
        work.source.read(u, panel * panels_.width, std::min((panel + 1) * panels_.width, columns_), work.copy.get());
        compute(u, panel, panel + 1, work);
      }
      return;
    }
    const auto channels = [&](int64_t panel) { return panel / panels_.count * channels_; };
    work.source.read(u, channels(first_panel), channels(last_panel - 1) + channels_, work.copy.get());
    compute(u, first_panel, last_panel, work);
  }

  void compute(const Unit& u, int64_t first_panel, int64_t last_panel, Work& work) {
    const auto finish_block = [&] {
      if (work.count == 0) return;
      block(first_panel, last_panel, work);
      work.count = 0;
    };
    plan_.for_places(u, [&](int64_t image, const Sizes& place) {
      const auto i = static_cast<std::size_t>(work.count);
      work.begins[i] = work.source.at(image, place);
      work.phase[i] = plan_.phase(place);
      work.out[i] = out_.place(image, place);
      if (++work.count == block_places) finish_block();
    });
    finish_block();
  }

  void block(int64_t first_panel, int64_t last_panel, Work& work) {
    const auto phases = static_cast<int64_t>(plan_.phases.size());
    std::array<int64_t, block_places> order;
    const auto end = order.begin() + work.count;
    for (int64_t i = 0; i < work.count; ++i) order[static_cast<std::size_t>(i)] = i;
    const auto phase_of = [&](int64_t i) { return work.phase[static_cast<std::size_t>(i)]; };
    if (phases > 1)
      std::stable_sort(order.begin(), end, [&](int64_t a, int64_t b) { return phase_of(a) < phase_of(b); });
    for (int64_t i = 0; i < work.count; ++i) {
      const int64_t from = order[static_cast<std::size_t>(i)];
      work.ordered[static_cast<std::size_t>(i)] = work.begins[static_cast<std::size_t>(from)];
      work.to[static_cast<std::size_t>(i)] = work.sums.get() + from * panels_.width;
    }
    for (int64_t panel = first_panel; panel < last_panel; ++panel) {
      for (int64_t first = 0, last = 0; first < work.count; first = last) {
        const int64_t phase = phase_of(order[static_cast<std::size_t>(first)]);
        while (last < work.count && phase_of(order[static_cast<std::size_t>(last)]) == phase) ++last;
        sum(panel, static_cast<std::size_t>(phase), first, last - first, work);
      }
      finish(panel, work);
    }
  }

  void sum(int64_t panel, std::size_t phase, int64_t first, int64_t rows, Work& work) {
    const int64_t width = panels_.width, begin = begins_[phase], end = begins_[phase + 1];
    const T* b = packed_.get() + panel * k_ * width;
    if (by_channel_)
      return add_channel_products(PatchProduct<T>{rows, end - begin, width, work.ordered.data() + first, 0,
                                                  offsets_ + begin, b + begin * width, work.to.data() + first,
                                                  bias_.get() + panel * width});
    for (int64_t l = begin; l == begin || l < end; l += depth)  // once for a phase without taps, too
      add_products(PatchProduct<T>{rows, std::min(depth, end - l), width, work.ordered.data() + first,
                                   panel / panels_.count * channels_ * work.source.channel_step(), offsets_ + l,
                                   b + l * width, work.to.data() + first,
                                   l == begin ? bias_.get() + panel * width : nullptr});
  }

  /// A block's sums into the result.
  void finish(int64_t panel, Work& work) {
    const int64_t width = panels_.width, column = panel % panels_.count * width;
    const int64_t count = std::min(width, columns_ - column), bytes = item_size(out_.type);
    std::byte* out = out_.data + (panel / panels_.count * columns_ + column) * out_.c * bytes;
    const auto write = [&](int64_t at, const T* from, int64_t n) {
      if constexpr (std::is_same_v<T, float>)
        if (is_half(out_.type)) return vector_narrow(out_.type, out + at * bytes, from, n);
      std::copy_n(from, n, reinterpret_cast<T*>(out) + at);
    };
    if (out_.c == 1) {
      for (int64_t i = 0; i < work.count; ++i)
        write(work.out[static_cast<std::size_t>(i)], work.sums.get() + i * width, count);
      return;
    }
    for (int64_t i = 0, next = 0; i < work.count; i = next) {
      const int64_t at = work.out[static_cast<std::size_t>(i)];
      while (next < work.count && work.out[static_cast<std::size_t>(next)] == at + next - i) ++next;
      const T* from = work.sums.get() + i * width;
      if (!is_half(out_.type)) {
        transpose_rows(out_.type, reinterpret_cast<T*>(out) + at, out_.c, from, width, next - i, count);
        continue;
      }
      transpose_rows(dtype_of<T>(), work.turned.get(), block_places, from, width, next - i, count);
      for (int64_t j = 0; j < count; ++j) write(at + j * out_.c, work.turned.get() + j * block_places, next - i);
    }
  }

  const Images &out_, &in_;
  const WindowPlan& plan_;
  const WeightView& weight_;
  const bool by_channel_;  // each channel by itself: those of a panel are groups, and vectors of what is read
  const int64_t groups_, columns_, channels_, k_;  // channels of the result and of what is read, in a group
  const Panels panels_;
  const Scratch<T> packed_, bias_;
  std::vector<int64_t> begins_;  // of each phase in k
  const int64_t* offsets_ = nullptr;
};

}  // namespace

void gather_windows(const Tensor& out, const Tensor& in, const Tensor& weight, const Tensor& bias, const Convolution& c,
                    bool input_gradient) {
  const Images to(out), from(in), kernel(weight);
  const WindowPlan plan(to, kernel.sizes, c.windows, input_gradient);
  const int64_t in_group = kernel.batch / c.groups * kernel.n;
  WeightView view{kernel.data, kernel.type, in_group, kernel.n, kernel.c, {}};
  if (input_gradient && !by_channel(c.groups, from.channels, to.channels)) std::swap(view.across, view.along);
  for (int64_t i = 0; i < kernel.sizes[0]; ++i)
    for (int64_t j = 0; j < kernel.sizes[1]; ++j)
      for (int64_t l = 0; l < kernel.sizes[2]; ++l)
        view.taps.push_back(i * kernel.strides[0] + j * kernel.strides[1] + l * kernel.strides[2]);
  if (out.dtype() == float64) Gather<double>(to, from, plan, view, bias, c.groups).run();
  else Gather<float>(to, from, plan, view, bias, c.groups).run();
}

bool by_channel(int64_t groups, int64_t in, int64_t out) { return groups > 1 && groups == in && groups == out; }

int64_t threads_for(int64_t multiply_adds) {
  return std::clamp<int64_t>(multiply_adds / (8 * elementwise_grain), 1, num_threads());
}

}  // namespace tenon::backend::cpu
