#include "backend/cpu/convolution/windows.h"

#include <algorithm>

#include "backend/cpu/convolution/patch_product.h"

namespace tenon::backend::cpu {
namespace {

/// Three numbers of a list of up to three, `fill` for those that it lacks in front.
Sizes three(const Shape& list, int64_t fill) {
  Sizes all{fill, fill, fill};
  std::copy(list.begin(), list.end(), all.end() - static_cast<std::ptrdiff_t>(list.size()));
  return all;
}

}  // namespace

Images::Images(const Tensor& x)
    : data(x.impl()->data),
      type(x.dtype()),
      batch(x.shape()[0]),
      channels(x.shape()[1]),
      sizes{1, 1, 1},
      n(x.strides()[0]),
      c(x.strides()[1]),
      strides{0, 0, 0} {
  for (std::size_t d = x.shape().size(), to = 3; d-- > 2;) {
    sizes[--to] = x.shape()[d];
    strides[to] = x.strides()[d];
  }
}

template <class T>
void read_places(const Images& x, int64_t first, int64_t count, int64_t width, const int64_t* places, int64_t n,
                 T* to) {
  const int64_t bytes = item_size(x.type);
  const std::byte* from = x.data + first * x.c * bytes;
  if (count < width) std::fill_n(to, n * width, T{0});
  if (x.c == 1) {
    for (int64_t i = 0; i < n; ++i) copy_row(x.type, to + i * width, from + places[i] * bytes, count, count);
    return;
  }
  for (int64_t i = 0, next = 0; i < n; i = next) {  // places that lie side by side
    while (next < n && places[next] == places[i] + next - i) ++next;
    transpose_rows(x.type, to + i * width, width, from + places[i] * bytes, x.c, count, next - i);
  }
}

template void read_places(const Images&, int64_t, int64_t, int64_t, const int64_t*, int64_t, float*);
template void read_places(const Images&, int64_t, int64_t, int64_t, const int64_t*, int64_t, double*);

Axis Axis::forward(int64_t kernel, int64_t stride, int64_t padding, int64_t dilation) {
  Axis axis{false, stride, padding, {{}}};
  for (int64_t t = 0; t < kernel; ++t) axis.taps[0].push_back({t, t * dilation});
  axis.high = (kernel - 1) * dilation;
  return axis;
}

Axis Axis::input(int64_t kernel, int64_t stride, int64_t padding, int64_t dilation) {
  Axis axis{true, stride, padding, std::vector<std::vector<Tap>>(static_cast<std::size_t>(stride))};
  bool any = false;
  for (int64_t phase = 0; phase < stride; ++phase)
    for (int64_t t = 0; t < kernel; ++t) {
      if ((phase - t * dilation) % stride != 0) continue;
      const int64_t step = (phase - t * dilation) / stride;
      axis.taps[static_cast<std::size_t>(phase)].push_back({t, step});
      axis.low = any ? std::min(axis.low, step) : step;
      axis.high = any ? std::max(axis.high, step) : step;
      any = true;
    }
  return axis;
}

WindowPlan::WindowPlan(const Images& out, const Sizes& kernel, const Windows& windows, bool input)
    : taps(kernel[0] * kernel[1] * kernel[2]), cut(0), out_sizes(out.sizes) {
  const Sizes stride = three(windows.stride, 1), padding = three(windows.padding, 0),
              dilation = three(windows.dilation, 1);
  for (std::size_t d = 0; d < 3; ++d)
    axes[d] = (input ? Axis::input : Axis::forward)(kernel[d], stride[d], padding[d], dilation[d]);
  while (cut < 2 && out.sizes[static_cast<std::size_t>(cut)] == 1) ++cut;
  for (const auto& depth : axes[0].taps)
    for (const auto& row : axes[1].taps)
      for (const auto& column : axes[2].taps) {
        std::vector<Tap> phase;
        for (const Axis::Tap& a : depth)
          for (const Axis::Tap& b : row)
            for (const Axis::Tap& c : column)
              phase.push_back({(a.kernel * kernel[1] + b.kernel) * kernel[2] + c.kernel, {a.step, b.step, c.step}});
        phases.push_back(std::move(phase));
      }
}

int64_t WindowPlan::phase(const Sizes& at) const {
  int64_t index = 0;
  for (std::size_t d = 0; d < 3; ++d) index = index * static_cast<int64_t>(axes[d].taps.size()) + axes[d].phase(at[d]);
  return index;
}

std::vector<Unit> WindowPlan::units(int64_t batch, int64_t least, int64_t multiple) const {
  const int64_t lines = out_sizes[static_cast<std::size_t>(cut)],
                line = out_sizes[0] * out_sizes[1] * out_sizes[2] / lines, image = lines * line;
  const auto up = [](int64_t n, int64_t by) { return (n + by - 1) / by; };
  // Into as many parts as `multiple` divides, if each has something.
  const auto parts = [&](int64_t n, int64_t size) { return std::min(n, up(up(n, size), multiple) * multiple); };
  std::vector<Unit> all;
  if (image <= least) {
    const int64_t count = parts(batch, up(least, image));
    for (int64_t i = 0; i < count; ++i)
      all.push_back({batch * i / count, batch * (i + 1) / count - batch * i / count, 0, lines});
    return all;
  }
  const int64_t count = batch % multiple == 0 && image <= 4 * least ? 1
                        : batch >= 8 * multiple                     ? up(lines, up(least, line))
                                                                    : parts(lines, up(least, line));
  for (int64_t n = 0; n < batch; ++n)
    for (int64_t i = 0; i < count; ++i)
      all.push_back({n, 1, lines * i / count, lines * (i + 1) / count - lines * i / count});
  return all;
}

template <class T>
WindowSource<T>::WindowSource(const WindowPlan& plan, const Images& in, const std::vector<Unit>& units, int64_t panel)
    : plan_(plan), in_(in), panel_(panel), channels_last_(in.c == 1), n_(in.n), c_(in.c), strides_(in.strides) {
  Sizes box{};
  bool outside = panel > 0 || is_half(in.type);
  int64_t images = 0;
  for (const Unit& u : units) {
    images = std::max(images, u.images);
    for (std::size_t d = 0; d < 3; ++d) {
      const bool is_cut = static_cast<int>(d) == plan.cut;
      const Axis& axis = plan.axes[d];
      const int64_t first = is_cut ? u.first : 0, last = (is_cut ? u.first + u.count : plan.out_sizes[d]) - 1;
      const int64_t from = axis.base(first) + axis.low, to = axis.base(last) + axis.high + 1;
      box[d] = std::max(box[d], to - from);
      outside = outside || from < 0 || to > in.sizes[d];
    }
  }
  if (!outside) return;
  if (channels_last_ || panel > 0) {
    const int64_t channels = panel > 0 ? panel : in.channels;
    c_ = 1;
    strides_ = {box[1] * box[2] * channels, box[2] * channels, channels};
    n_ = box[0] * strides_[0];
  } else {
    strides_ = {box[1] * box[2], box[2], 1};
    c_ = box[0] * strides_[0];
    constexpr int64_t line = 64 / sizeof(T), page = 4096 / sizeof(T);
    if (c_ % page < line) c_ += line;  // the channels of one place would drive each other out of the cache
    n_ = in.channels * c_;
  }
  room_ = images * n_;
}

template <class T>
void WindowSource<T>::read(const Unit& u, int64_t first, int64_t last, T* copy) {
  if (room_ == 0) {
    begin_ = reinterpret_cast<const T*>(in_.data);
    return;
  }
  begin_ = copy;
  image_ = u.image;
  Sizes box;
  for (std::size_t d = 0; d < 3; ++d) {
    const bool is_cut = static_cast<int>(d) == plan_.cut;
    const Axis& axis = plan_.axes[d];
    start_[d] = axis.base(is_cut ? u.first : 0) + axis.low;
    box[d] = axis.base((is_cut ? u.first + u.count : plan_.out_sizes[d]) - 1) + axis.high + 1 - start_[d];
  }
  // A row of the copy: zeros, what there is of the image, zeros.
  const int64_t unit = panel_ > 0 ? panel_ : channels_last_ ? in_.channels : 1;
  const int64_t left = std::clamp<int64_t>(-start_[2], 0, box[2]),
                right = std::clamp(in_.sizes[2] - start_[2], left, box[2]);
  const int64_t bytes = item_size(in_.type);
  const auto row = [&](T* to, const std::byte* from, bool inside) {
    if (!inside) {
      std::fill_n(to, box[2] * unit, T{0});
      return;
    }
    std::fill_n(to, left * unit, T{0});
    const std::byte* lying = from + (start_[2] + left) * in_.strides[2] * bytes;
    if (panel_ > 0) {
      T* places = to + left * unit;
      if (channels_last_)
        for (int64_t i = 0; i < right - left; ++i)
          copy_row(in_.type, places + i * unit, lying + i * in_.strides[2] * bytes, last - first, unit);
      else {
        if (last - first < unit) std::fill_n(places, (right - left) * unit, T{0});
        transpose_rows(in_.type, places, unit, lying, in_.c, last - first, right - left);
      }
    } else if (is_half(in_.type))
      copy_row(in_.type, to + left * unit, lying, (right - left) * unit, (right - left) * unit);
    else std::copy_n(reinterpret_cast<const T*>(lying), (right - left) * unit, to + left * unit);
    std::fill_n(to + right * unit, (box[2] - right) * unit, T{0});
  };
  const bool together = panel_ > 0 || channels_last_;  // all channels in one pass
  const int64_t from = together ? 0 : first, end = together ? 1 : last, skipped = panel_ > 0 ? first : 0;
  for (int64_t n = 0; n < u.images; ++n)
    for (int64_t c = from; c < end; ++c)
      for (int64_t a = 0; a < box[0]; ++a)
        for (int64_t b = 0; b < box[1]; ++b) {
          const int64_t in_a = start_[0] + a, in_b = start_[1] + b;
          const bool inside = in_a >= 0 && in_a < in_.sizes[0] && in_b >= 0 && in_b < in_.sizes[1];
          row(copy + n * n_ + c * c_ + a * strides_[0] + b * strides_[1],
              in_.data +
                  ((u.image + n) * in_.n + (skipped + c) * in_.c + in_a * in_.strides[0] + in_b * in_.strides[1]) *
                      bytes,
              inside);
        }
}

template class WindowSource<float>;
template class WindowSource<double>;

}  // namespace tenon::backend::cpu
