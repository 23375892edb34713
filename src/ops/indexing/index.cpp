// What Python's brackets take, read and assigned: indices, slices, None, Ellipsis, bools, tensors of indices, masks.
#include <tenon/index.h>

#include "ops/in_place.h"
#include "ops/indexing/offsets.h"

namespace tenon {
namespace {

/// Indices, or those of a mask, in one or more neighbouring dimensions of the view taken first.
struct Group {
  std::size_t dim, dims;
  Tensor at;
  Shape strides;  ///< of the tensor that was given
};

/// A view by the plain indices and slices, and positions in it where there are tensors among the indices.
struct Chosen {
  Tensor view;
  std::optional<Places> places;
};

bool is_mask(const Tensor& t) { return t.dtype() == boolean || t.dtype() == uint8; }

/// How many of x's dimensions an index speaks of.
int64_t dims_taken(const Index& index) {
  if (const auto* t = std::get_if<Tensor>(&index.value())) return is_mask(*t) ? t->dim() : 1;
  return std::holds_alternative<int64_t>(index.value()) || std::holds_alternative<Slice>(index.value()) ? 1 : 0;
}

/// Reads the indices one after the other; `view` and `dim` are where they have come to.
class Reader {
 public:
  Reader(const Tensor& x, const char* name) : view(x), name_(name) {}

  void read(const std::vector<Index>& indices) {
    int64_t taken = 0, ellipses = 0;
    for (const Index& i : indices) {
      taken += dims_taken(i);
      ellipses += std::holds_alternative<EllipsisType>(i.value()) ? 1 : 0;
    }
    if (taken > view.dim())
      fail(name_, "{} indices are too many for a tensor of shape {}", taken, view.shape().to_string());
    if (ellipses > 1) fail(name_, "expected at most one Ellipsis, got {}", ellipses);
    left_ = view.dim() - taken;
    for (const Index& i : indices) std::visit([this](const auto& v) { take(v); }, i.value());
  }

  Tensor view;
  std::vector<Group> groups;

 private:
  void take(int64_t place) {
    const int64_t n = view.size(along());
    if (place < -n || place >= n) out_of_range(place, n);
    view = view.select(along(), place);
    ++gone_;
  }
  void take(const Slice& slice) {
    if (slice.start || slice.stop || slice.step != 1) view = view.slice(along(), slice);
    ++dim_;
  }
  void take(NoneType) {
    view = view.unsqueeze(along());
    ++dim_;
    --gone_;
  }
  void take(EllipsisType) { dim_ += static_cast<std::size_t>(left_); }
  void take(bool whole) {  // a dimension of one place, which is chosen or not
    take(None);
    --dim_;
    add(1, zeros({whole ? 1 : 0}, {int64, view.device()}), {1});
  }
  void take(const Tensor& t) {
    check_same_device(view, t, name_);
    if (is_mask(t)) return t.dim() == 0 ? take(t.item<bool>()) : take_mask(as_type(t, boolean));
    if (t.dtype() != int64 && t.dtype() != int32)
      fail(name_, "expected indices of int64 or int32, or a mask of bool, got {}: convert it with to(int64)",
           t.dtype());
    if (t.dim() == 0 && !t.is_meta()) return take(t.item<int64_t>());
    add(1, checked_index(t, original(), view.size(along()), true, name_), t.strides());
  }
  void take_mask(const Tensor& mask) {
    for (std::size_t d = 0; d < mask.shape().size(); ++d)
      if (mask.shape()[d] != view.shape()[dim_ + d])
        fail(name_, "a mask of shape {} does not fit dimensions {} … {} of a tensor of shape {}",
             mask.shape().to_string(), dim_, dim_ + mask.shape().size() - 1, view.shape().to_string());
    add(mask.shape().size(), true_places_of(mask, name_), {1});
  }
  void add(std::size_t dims, Tensor at, const Shape& strides) {
    groups.push_back({dim_, dims, std::move(at), strides});
    dim_ += dims;
  }
  int64_t along() const { return static_cast<int64_t>(dim_); }
  int64_t original() const { return along() + gone_; }  // the dimension's number in the tensor that was given
  [[noreturn]] void out_of_range(int64_t place, int64_t n) const {
    fail(name_, "index {} is out of range for dimension {} of size {}", place, original(), n);
  }

  const char* name_;
  std::size_t dim_ = 0;
  int64_t gone_ = 0, left_ = 0;
};

/// All groups as one: neighbours stay where they are, others come to the front.
void unite(Chosen& chosen, const std::vector<Group>& groups, const char* name) {
  Shape shape;
  for (const Group& g : groups) shape = broadcast_shapes(shape, g.at.shape(), name);
  bool neighbours = true;
  for (std::size_t i = 1; i < groups.size(); ++i)
    neighbours = neighbours && groups[i].dim == groups[i - 1].dim + groups[i - 1].dims;
  Places places{groups[0].at, groups[0].dim, 0};
  {
    const NoGrad guard;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      const Group& g = groups[i];
      int64_t size = 1;
      for (std::size_t d = 0; d < g.dims; ++d) size *= chosen.view.shape()[g.dim + d];
      if (i > 0) places.at = places.at * size + g.at;
      places.dims += g.dims;
      // Broadcast: dimensions that are added, and sizes of 1, have a stride of 0.
      Shape strides(shape.size(), int64_t{0});
      for (std::size_t d = 0, ahead = shape.size() - g.strides.size(); d < g.strides.size(); ++d)
        if (g.at.shape()[d] == shape[ahead + d]) strides[ahead + d] = g.strides[d];
      places.strides.push_back(std::move(strides));
    }
    places.at = places.at.expand(shape).contiguous();
  }
  if (!neighbours) {
    Shape order;
    SmallVector<bool, 8> indexed(chosen.view.shape().size(), false);
    for (const Group& g : groups)
      for (std::size_t d = g.dim; d < g.dim + g.dims; ++d) {
        order.push_back(static_cast<int64_t>(d));
        indexed[d] = true;
      }
    for (std::size_t d = 0; d < indexed.size(); ++d)
      if (!indexed[d]) order.push_back(static_cast<int64_t>(d));
    chosen.view = chosen.view.permute(order);
    places.dim = 0;
  }
  chosen.places = places;
}

Chosen choose(const Tensor& x, const std::vector<Index>& indices, const char* name) {
  Reader reader(x, name);
  reader.read(indices);
  Chosen chosen{reader.view, {}};
  if (!reader.groups.empty()) unite(chosen, reader.groups, name);
  return chosen;
}

/// The value as it is put: of x's type and device, without leading sizes of 1 that the positions do not have.
Tensor fitting(const Tensor& x, const Chosen& chosen, const Tensor& value, const char* name) {
  const Shape shape = chosen.places ? shape_at(chosen.view, *chosen.places) : chosen.view.shape();
  Tensor v = value.dim() == 0 ? as_type(value, x.dtype()).to(x.device()) : as_type(value, x.dtype());
  check_same_device(x, v, name);
  while (v.dim() > static_cast<int64_t>(shape.size()) && v.shape()[0] == 1) v = v.squeeze(0);
  if (v.dim() > static_cast<int64_t>(shape.size()) || broadcast_shapes(shape, v.shape(), name) != shape)
    fail(name, "a value of shape {} does not fit what is indexed, of shape {}", value.shape().to_string(),
         shape.to_string());
  return v;
}

void put_chosen(const Chosen& chosen, const Tensor& value, bool accumulate) {
  const NoGrad guard;
  if (chosen.places) put_at(chosen.view, *chosen.places, value, accumulate);
  else if (accumulate) chosen.view.add_(value);
  else chosen.view.copy_(value);
}

/// Tensors among the indices by copies, which nobody changes before the gradient is computed.
std::vector<Index> kept(const std::vector<Index>& indices) {
  std::vector<Index> all;
  for (const Index& i : indices) {
    if (const auto* t = std::get_if<Tensor>(&i.value())) all.emplace_back(untracked_copy(*t));
    else all.push_back(i);
  }
  return all;
}

}  // namespace

Tensor Tensor::index(const std::vector<Index>& indices) const {
  const Chosen chosen = choose(*this, indices, "index");
  if (chosen.places) return index_at("index", chosen.view, *chosen.places, true);
  return chosen.view.is_same(*this) ? expand(shape()) : chosen.view;
}

Tensor Tensor::index_put(const std::vector<Index>& indices, const Tensor& value, bool accumulate) const {
  Tensor y = untracked_copy(*this);
  const Chosen chosen = choose(y, indices, "index_put");
  const Tensor v = fitting(*this, chosen, value, "index_put");
  put_chosen(chosen, v, accumulate);
  if (needs_grad(*this, v))
    record("index_put", y, {this, &v}, {}, [at = kept(indices), accumulate, like = Like(v)](Grads& g) {
      if (g.needs(0))
        g.give(0, accumulate ? g.in() : g.in().index_put(at, zeros({}, {g.in().dtype(), g.in().device()})));
      if (g.needs(1)) g.give(1, reduce_to(g.in().index(at), like));
    });
  return y;
}

const Tensor& Tensor::index_put_(const std::vector<Index>& indices, const Tensor& value, bool accumulate) const {
  const Chosen chosen = choose(detach(), indices, "index_put_");
  const Tensor v = apart_from(*this, fitting(*this, chosen, value, "index_put_"));
  return in_place(
      "index_put_", *this, {&v}, [&](const Tensor&) { put_chosen(chosen, v, accumulate); },
      [&](const Tensor& before) { return before.index_put(indices, v, accumulate); });
}

const Tensor& Tensor::index_put_(const std::vector<Index>& indices, const Scalar& value, bool accumulate) const {
  return index_put_(indices, number_in(*this, value, "index_put_"), accumulate);
}

}  // namespace tenon
