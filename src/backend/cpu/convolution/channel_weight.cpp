// The gradient by the weight of a convolution of each channel by itself: vectors are channels.
#include <algorithm>

#include "backend/cpu/convolution/kernels.h"
#include "backend/cpu/convolution/patch_product.h"
#include "backend/cpu/parallel.h"
#include "backend/cpu/simd/vector_elementwise.h"

namespace tenon::backend::cpu {
namespace {

constexpr int64_t block_places = 256;  // that are read and added up at a time
constexpr int64_t most_parts = 16;     // into which the batch is cut: by sizes alone, as they are added up

template <class T>
class ChannelWeight {
 public:
  ChannelWeight(const Images& weight, const Images& x, const Images& y, const WindowPlan& plan)
      : weight_(weight),
        y_(y),
        plan_(plan),
        panels_(panels_of(dtype_of<T>(), y.channels)),
        units_(plan.units(y.batch, 4 * block_places, 1)),
        source_(plan, x, units_, panels_.width) {}

  void run() {
    const auto units = static_cast<int64_t>(units_.size());
    const int64_t parts = std::min(units, most_parts), row = plan_.taps * panels_.width, tasks = parts * panels_.count;
    const int64_t threads = threads_for(y_.batch * y_.points() * y_.channels * plan_.taps);
    const Scratch<T> sums(tasks * row);
    std::fill_n(sums.get(), tasks * row, T{0});
    parallel_for(tasks, threads == 1 ? tasks : 1, [&](int64_t begin, int64_t end) {
      WindowSource<T> source = source_;
      const Scratch<T> copy(source.room()), packed(block_places * panels_.width);
      for (int64_t i = begin; i < end; ++i) {  // (panel, part)
        const int64_t panel = i / parts, part = i % parts;
        for (int64_t u = units * part / parts; u < units * (part + 1) / parts; ++u)
          add(units_[static_cast<std::size_t>(u)], panel, source, copy.get(), packed.get(), sums.get() + i * row);
      }
    });
    for (int64_t panel = 0; panel < panels_.count; ++panel) {
      T* all = sums.get() + panel * parts * row;
      for (int64_t part = 1; part < parts; ++part)
        for (int64_t i = 0; i < row; ++i) all[i] += all[part * row + i];
      finish(panel, all);
    }
  }

 private:
  int64_t channels(int64_t panel) const { return std::min(panels_.width, y_.channels - panel * panels_.width); }

  void add(const Unit& u, int64_t panel, WindowSource<T>& source, T* copy, T* packed, T* to) const {
    const int64_t width = panels_.width, first = panel * width, count = channels(panel);
    source.read(u, first, first + count, copy);
    std::vector<int64_t> offsets;
    std::vector<T*> sums;
    for (const WindowPlan::Tap& tap : plan_.phases[0]) {
      offsets.push_back(source.offset(tap.step));
      sums.push_back(to + static_cast<int64_t>(sums.size()) * width);
    }
    std::array<const T*, block_places> begins;
    std::array<int64_t, block_places> at;  // the places in y
    int64_t places = 0;
    const auto add_places = [&] {
      read_places(y_, first, count, width, at.data(), places, packed);
      add_channel_gradients(
          PatchProduct<T>{places, plan_.taps, width, begins.data(), 0, offsets.data(), packed, sums.data(), nullptr});
      places = 0;
    };
    plan_.for_places(u, [&](int64_t image, const Sizes& place) {
      begins[static_cast<std::size_t>(places)] = source.at(image, place);
      at[static_cast<std::size_t>(places)] = y_.place(image, place);
      if (++places == block_places) add_places();
    });
    if (places > 0) add_places();
  }

  void finish(int64_t panel, const T* from) const {
    const int64_t width = panels_.width, count = channels(panel), taps = plan_.taps, bytes = item_size(weight_.type);
    const Scratch<T> turned(count * taps);
    transpose_rows(dtype_of<T>(), turned.get(), taps, from, width, taps, count);
    std::byte* out = weight_.data + panel * width * weight_.n * bytes;
    if constexpr (std::is_same_v<T, float>)
      if (is_half(weight_.type)) return vector_narrow(weight_.type, out, turned.get(), count * taps);
    std::copy_n(turned.get(), count * taps, reinterpret_cast<T*>(out));
  }

  const Images &weight_, &y_;
  const WindowPlan& plan_;
  const Panels panels_;
  const std::vector<Unit> units_;
  const WindowSource<T> source_;
};

}  // namespace

void channel_weight(const Tensor& weight, const Tensor& x, const Tensor& y, const Convolution& c) {
  const Images from(x), to(y), kernel(weight);
  const WindowPlan plan(to, kernel.sizes, c.windows, false);
  if (y.dtype() == float64) ChannelWeight<double>(kernel, from, to, plan).run();
  else ChannelWeight<float>(kernel, from, to, plan).run();
}

}  // namespace tenon::backend::cpu
