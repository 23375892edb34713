#pragma once
// Averages the gradients of a model's parameters over the processes of a group, bucket by bucket, while backward goes
// on.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <tenon/distributed/data_parallel.h>
#include <tenon/hook.h>

namespace tenon::distributed::detail {

class Reducer : public std::enable_shared_from_this<Reducer> {
 public:
  Reducer(nn::ModuleBase& module, const DataParallelOptions& options, CommunicationHook hook);
  ~Reducer();
  Reducer(const Reducer&) = delete;
  Reducer& operator=(const Reducer&) = delete;

  /// Begins to hear of gradients.
  void listen();
  /// After the first pass: buckets as gradients have come, as they did at rank 0.
  void before_forward();
  /// The backward pass of these outputs is to be averaged; without any, the next one is not.
  void after_forward(const std::vector<Tensor>& outputs);

 private:
  struct Place {
    nn::Parameter parameter;
    std::string name;
    std::size_t bucket = 0;
    Tensor view = {};      ///< of the bucket, in the parameter's shape
    int64_t arrived = 0;   ///< how often in this pass
    int64_t expected = 1;  ///< how often in each
    HookHandle hook = {};
  };
  struct Bucket {
    Tensor buffer;
    std::vector<std::size_t> places;
    std::size_t missing = 0;  ///< of its places
    Work work;
  };

  void make_buckets(const std::vector<std::size_t>& order);
  void reset();
  void arrive(std::size_t place);
  void settle(Place& p);
  void launch_ready();
  void launch(std::size_t bucket);
  void end_of_pass();
  std::vector<bool> used_by_anyone() const;

  DataParallelOptions options_;
  CommunicationHook hook_;
  std::vector<Place> places_;
  std::vector<Bucket> buckets_;
  std::vector<std::size_t> order_;  ///< in which gradients came in the first pass
  std::size_t next_ = 0;            ///< the bucket that is sent next
  bool active_ = false;             ///< a pass that is averaged is to come, or goes on
  bool first_ = true;               ///< it is the first one
};

}  // namespace tenon::distributed::detail
