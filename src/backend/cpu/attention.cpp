// Attention in blocks of queries and keys: a block's scores are made, used and forgotten, and the running sums of each
// query (Dao et al. 2022, "FlashAttention") are all that is kept from one block to the next.
#include "backend/attention.h"

#include <cstring>

#include "backend/cpu/gemm/gemm.h"
#include "backend/cpu/gemm/scratch.h"
#include "backend/cpu/parallel.h"
#include "backend/cpu/simd/attention_scores.h"
#include "tensor/element.h"

namespace tenon {
namespace backend::cpu {
namespace {

/// Multiply-adds that are worth another thread.
constexpr int64_t worth_a_thread = 8 * elementwise_grain;

/// What all blocks have in common: the sizes, and how they are cut. That does not depend on the number of threads, so
/// neither do the results.
struct Cut {
  explicit Cut(const AttentionArgs& args)
      : a(args),
        type(a.query.dtype()),
        batch(a.query.size(0)),
        heads(a.query.size(1)),
        group(heads / a.key.size(1)),
        queries(a.query.size(2)),
        keys(a.key.size(2)),
        query_blocks((queries + 127) / 128),
        height((queries + query_blocks - 1) / query_blocks),
        width(std::min<int64_t>(keys, height <= 16 ? 4096 : 512)),
        key_blocks((keys + width - 1) / width),
        step((width + score_step - 1) / score_step * score_step) {}

  const AttentionArgs& a;
  DType type;
  int64_t batch, heads;
  int64_t group;  ///< heads of queries to one of keys
  int64_t queries, keys;
  int64_t query_blocks, height;  ///< and how many queries are in one
  int64_t width, key_blocks;     ///< keys in a block
  int64_t step;                  ///< from one row of scores to the next

  /// The multiply-adds of all queries with all keys in one product.
  int64_t work() const { return queries * keys * a.query.size(3); }
};

/// The rows from `first` on of a head.
MatrixView rows_of(const Tensor& x, int64_t batch, int64_t head, int64_t first) {
  const Shape& s = x.strides();
  return {x.impl()->data + (batch * s[0] + head * s[1] + first * s[2]) * item_size(x.dtype()), s[2], s[3]};
}
MatrixView turned(const MatrixView& x) { return {x.data, x.column, x.row}; }

/// A block of neighbouring queries of a head, and one of the keys that they see.
struct Block {
  int64_t batch, head, query, key;  ///< the first of each
  int64_t rows, columns;            ///< how many
};

/// The keys that the last of a block's queries may see.
int64_t seen_until(const Cut& c, int64_t query, int64_t rows) {
  return c.a.causal ? std::min(c.keys, query + rows) : c.keys;
}

ScoreBlock scores_of(const Cut& c, const Block& b, void* scores, void* mask_room) {
  ScoreBlock s{scores,
               b.rows,
               b.columns,
               c.step,
               c.a.scale,
               nullptr,
               0,
               0,
               false,
               mask_room,
               c.a.causal ? b.query + 1 - b.key : b.columns};
  if (!c.a.mask.defined()) return s;
  const Shape& steps = c.a.mask.strides();
  s.mask_is_bool = c.a.mask.dtype() == boolean;
  s.mask = rows_of(c.a.mask, b.batch, b.head, b.query).data;
  s.mask = static_cast<const std::byte*>(s.mask) + b.key * steps[3] * item_size(c.a.mask.dtype());
  s.mask_row = steps[2];
  s.mask_key = steps[3];
  return s;
}

/// out (rows, columns) of each query by each key: a·bᵀ, a's rows at the block's queries and b's at its keys.
void multiply_by_keys(const Cut& c, const Block& b, const Tensor& x, const Tensor& y, void* out) {
  gemm({c.type,
        b.rows,
        b.columns,
        x.size(3),
        rows_of(x, b.batch, b.head, b.query),
        turned(rows_of(y, b.batch, b.head / c.group, b.key)),
        {out, c.step, 1}},
       {});
}

/// The room of one thread.
template <class T>
struct Room {
  explicit Room(const Cut& c, int64_t blocks)
      : scores(blocks * c.height * c.step), mask(c.a.mask.defined() ? c.step : 0), moments(2 * c.height) {}
  const Scratch<T> scores, mask, moments;
};

template <class T>
void attend(const Cut& c, const Tensor& out, const Tensor& log_sums, int64_t head, int64_t query_block,
            const Room<T>& room) {
  Block b{head / c.heads, head % c.heads, query_block * c.height, 0, 0, 0};
  b.rows = std::min(c.height, c.queries - b.query);
  const MatrixView to = rows_of(out, b.batch, b.head, b.query);
  RunningSums running{
      room.moments.get(), room.moments.get() + c.height, to.data, to.row, to.column, out.size(3), false};
  const int64_t end = seen_until(c, b.query, b.rows);
  for (; b.key < end; b.key += c.width) {
    b.columns = std::min(c.width, end - b.key);
    multiply_by_keys(c, b, c.a.query, c.a.key, room.scores.get());
    attention_weights(c.type, scores_of(c, b, room.scores.get(), room.mask.get()), running);
    gemm({c.type,
          b.rows,
          out.size(3),
          b.columns,
          {room.scores.get(), c.step, 1},
          rows_of(c.a.value, b.batch, b.head / c.group, b.key),
          to,
          {nullptr, 0, 0},
          running.begun},
         {});
    running.begun = true;
  }
  auto* const sums = reinterpret_cast<T*>(log_sums.impl()->data) + head * c.queries + b.query;
  attention_finish(c.type, b.rows, running, sums);
}

/// f(head, block of queries, room) for all, the long and the short ones of causal attention in turn, so that threads
/// have as much to do.
template <class T, class F>
void for_query_blocks(const Cut& c, int64_t products, int64_t blocks_of_room, F f) {
  const int64_t n = c.query_blocks, each = c.work() / n * products;
  parallel_for(c.batch * c.heads * n, worth_a_thread / (each + 1) + 1, [&](int64_t begin, int64_t end) {
    const Room<T> room(c, blocks_of_room);
    for (int64_t i = begin; i < end; ++i) {
      const int64_t j = i % n;
      f(i / n, j % 2 == 0 ? j / 2 : n - 1 - j / 2, room);
    }
  });
}

template <class T>
void forward(const Tensor& out, const Tensor& log_sums, const AttentionArgs& a) {
  const Cut c(a);
  for_query_blocks<T>(c, 2, 1, [&](int64_t head, int64_t query_block, const Room<T>& room) {
    attend<T>(c, out, log_sums, head, query_block, room);
  });
}

struct Gradients {
  Tensor query, key, value;
};

template <class T>
class Backward {
 public:
  Backward(const AttentionArgs& a, const Tensor& grad, const Tensor& log_sums, const Tensor& products)
      : c_(a), grad_(grad), log_sums_(log_sums), products_(products) {}

  void run(const Gradients& to) {
    for (const Tensor* x : {&to.query, &to.key, &to.value})
      if (x->defined()) std::memset(x->impl()->data, 0, static_cast<std::size_t>(x->nbytes()));
    const int64_t heads = c_.batch * c_.heads / c_.group, threads = num_threads();
    const bool of_keys = to.key.defined() || to.value.defined();
    // Each sum is over the same blocks in the same order: whether all three are made of a block's scores at once, or,
    // where there are too few heads for the threads, those of the keys and those of the queries by themselves.
    if (of_keys && to.query.defined() && (heads % threads == 0 || heads >= 4 * threads))
      return for_key_blocks(to, heads, c_.key_blocks);
    if (of_keys) for_key_blocks({{}, to.key, to.value}, heads * c_.key_blocks, 1);
    if (!to.query.defined()) return;
    for_query_blocks<T>(c_, 3, 2, [&](int64_t head, int64_t query_block, const Room<T>& room) {
      for (int64_t j = 0; j < c_.key_blocks; ++j) add(block(head, query_block, j), {to.query, {}, {}}, room);
    });
  }

 private:
  /// Goes through all blocks of `at_once` neighbouring blocks of keys, and all heads of queries that they are for.
  void for_key_blocks(const Gradients& to, int64_t units, int64_t at_once) {
    const int64_t each = c_.work() * c_.group * 4 / (c_.key_blocks / at_once), cuts = c_.key_blocks / at_once;
    parallel_for(units, worth_a_thread / (each + 1) + 1, [&](int64_t begin, int64_t end) {
      const Room<T> room(c_, 2);
      for (int64_t i = begin; i < end; ++i) {
        const int64_t at = i % cuts, first = cuts == 1 ? 0 : at % 2 == 0 ? at / 2 : cuts - 1 - at / 2;
        for (int64_t head = i / cuts * c_.group; head < (i / cuts + 1) * c_.group; ++head)
          for (int64_t j = first; j < first + at_once; ++j)
            for (int64_t q = 0; q < c_.query_blocks; ++q) add(block(head, q, j), to, room);
      }
    });
  }

  Block block(int64_t head, int64_t query_block, int64_t key_block) const {
    Block b{head / c_.heads, head % c_.heads, query_block * c_.height, key_block * c_.width, 0, 0};
    b.rows = std::min(c_.height, c_.queries - b.query);
    b.columns = std::min(c_.width, seen_until(c_, b.query, b.rows) - b.key);
    return b;
  }

  /// Adds what a block gives.
  void add(const Block& b, const Gradients& to, const Room<T>& room) const {
    if (b.columns <= 0) return;
    T *const weights = room.scores.get(), *const grads = weights + c_.height * c_.step;
    const int64_t kv_head = b.head / c_.group, at = (b.batch * c_.heads + b.head) * c_.queries + b.query;
    multiply_by_keys(c_, b, c_.a.query, c_.a.key, weights);
    multiply_by_keys(c_, b, grad_, c_.a.value, grads);
    attention_score_gradients(c_.type, scores_of(c_, b, weights, room.mask.get()),
                              reinterpret_cast<const T*>(log_sums_.impl()->data) + at,
                              reinterpret_cast<const T*>(products_.impl()->data) + at, grads);
    const MatrixView by_query{grads, c_.step, 1};
    const auto add_product = [&](int64_t m, int64_t n, int64_t k, const MatrixView& x, const MatrixView& y,
                                 const MatrixView& out) {
      gemm({c_.type, m, n, k, x, y, out, {nullptr, 0, 0}, true}, {});
    };
    if (to.value.defined())
      add_product(b.columns, grad_.size(3), b.rows, {weights, 1, c_.step}, rows_of(grad_, b.batch, b.head, b.query),
                  rows_of(to.value, b.batch, kv_head, b.key));
    if (to.key.defined())
      add_product(b.columns, c_.a.query.size(3), b.rows, turned(by_query),
                  rows_of(c_.a.query, b.batch, b.head, b.query), rows_of(to.key, b.batch, kv_head, b.key));
    if (to.query.defined())
      add_product(b.rows, c_.a.query.size(3), b.columns, by_query, rows_of(c_.a.key, b.batch, kv_head, b.key),
                  rows_of(to.query, b.batch, b.head, b.query));
  }

  const Cut c_;
  const Tensor &grad_, &log_sums_, &products_;
};

}  // namespace

void attention(const Tensor& out, const Tensor& log_sums, const AttentionArgs& a) {
  if (out.dtype() == float64) forward<double>(out, log_sums, a);
  else forward<float>(out, log_sums, a);
}

void attention_backward(const Tensor& dquery, const Tensor& dkey, const Tensor& dvalue, const Tensor& grad,
                        const Tensor& log_sums, const Tensor& products, const AttentionArgs& a) {
  const Gradients to{dquery, dkey, dvalue};
  if (grad.dtype() == float64) Backward<double>(a, grad, log_sums, products).run(to);
  else Backward<float>(a, grad, log_sums, products).run(to);
}

}  // namespace backend::cpu

constinit const AttentionKernels AttentionKernels::cpu{
    .attention = backend::cpu::attention,
    .attention_backward = backend::cpu::attention_backward,
};

}  // namespace tenon
