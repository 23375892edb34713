#include <tenon/optim/lr_scheduler/lambda_lr.h>

namespace tenon::optim {

ByLambda::ByLambda(std::string_view name, Optimizer& optimizer, const PerGroup<LRLambda>& lr_lambda, int64_t last_epoch)
    : LRScheduler(name, optimizer, last_epoch), lr_lambdas_(lr_lambda.of(optimizer, "lr_lambda", name)) {
  for (const LRLambda& f : lr_lambdas_)
    if (!f) fail(name, "expected functions, got an empty one");
}

std::vector<double> ByLambda::factors() const {
  std::vector<double> all;
  for (const LRLambda& f : lr_lambdas_) all.push_back(f(last_epoch()));
  return all;
}

Dict ByLambda::state_dict() const {
  Dict d = LRScheduler::state_dict();
  d.set("lr_lambdas", Value::List(lr_lambdas_.size()));
  return d;
}

void ByLambda::load(const Dict& d) {
  if (const std::size_t n = d["lr_lambdas"].size(); n != lr_lambdas_.size())
    fail(name(), "the state dict is for {} functions, the scheduler has {}", n, lr_lambdas_.size());
}

std::vector<double> LambdaLR::get_lr() const {
  std::vector<double> rates = factors();
  for (std::size_t i = 0; i < rates.size(); ++i) rates[i] = base_lrs()[i] * rates[i];
  return rates;
}

std::vector<double> MultiplicativeLR::get_lr() const {
  std::vector<double> rates = current_lr();
  if (starting()) return rates;
  const std::vector<double> by = factors();
  for (std::size_t i = 0; i < rates.size(); ++i) rates[i] *= by[i];
  return rates;
}

}  // namespace tenon::optim
