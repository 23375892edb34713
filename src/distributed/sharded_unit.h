#pragma once
// Parameters that come together and part together: those of one module that fully_shard() was called for.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <tenon/distributed/collectives.h>
#include <tenon/distributed/fully_shard.h>
#include <tenon/hook.h>

namespace tenon::distributed::detail {

class ShardedUnit : public std::enable_shared_from_this<ShardedUnit> {
 public:
  ShardedUnit(nn::ModuleBase& module, const FullyShardOptions& options);
  ~ShardedUnit();
  ShardedUnit(const ShardedUnit&) = delete;
  ShardedUnit& operator=(const ShardedUnit&) = delete;
  void listen(nn::ModuleBase& module);

  /// The unit that a parameter belongs to, or null.
  static std::shared_ptr<ShardedUnit> of(const Tensor& parameter);
  /// Which rows of a whole parameter this process keeps: those from `begin` on.
  struct Placement {
    Shape whole;
    int64_t begin;
  };
  Placement placement(const Tensor& parameter) const;
  /// The whole of one of its parameters, in every process.
  Tensor whole(const Tensor& parameter) const;
  /// This process's rows of a whole one.
  Tensor rows_of(const Tensor& whole) const;
  const Group& group() const { return options_.group; }

 private:
  struct Item {
    nn::Parameter parameter;
    std::string name;
    Shape shape = {};      ///< the whole parameter's
    Tensor rows = {};      ///< what this process keeps
    Tensor gradient = {};  ///< for those rows
    bool arrived = false;  ///< its gradient has, in this pass
    HookHandle hook = {};
  };

  const Item& item_of(const Tensor& parameter) const;
  void start_gathering();
  void gather();
  void part();
  void before_forward();
  void after_forward(const std::vector<Tensor>& outputs);
  void before_backward();
  void arrive(Item& item);
  void reduce();
  void finish();

  FullyShardOptions options_;
  std::vector<Item> items_;
  std::vector<Tensor> gathering_;  ///< whole parameters on their way, or there
  Work work_;
  bool whole_ = true;                                        ///< parameters are whole
  bool reduced_ = true;                                      ///< nothing of the pass is left to send
  std::weak_ptr<ShardedUnit> next_forward_, next_backward_;  ///< as in the last pass
};

}  // namespace tenon::distributed::detail
