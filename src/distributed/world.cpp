#include <tenon/distributed/world.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <tenon/error.h>

#include "distributed/communicator.h"

namespace tenon::distributed {
namespace {

using detail::check_mpi;
using detail::Communicator;

struct World {
  std::shared_ptr<Communicator> all;
  int64_t local_rank = 0;
  bool began_mpi = false;  ///< and so ends it
};

World& world() {
  static World w;
  return w;
}

const World& ready_world(const char* operation) {
  if (!world().all) fail(operation, "call distributed::init() first");
  return world();
}

/// Whether something that knows of other processes has started this one: Open MPI, MPICH and Intel's, SLURM's PMIx.
bool started_in_a_job() {
  constexpr std::array names{"OMPI_COMM_WORLD_SIZE", "PMI_RANK", "PMIX_RANK"};
  return std::ranges::any_of(names, [](const char* name) { return std::getenv(name) != nullptr; });
}

/// The end of main(). A process that failed ends the job, since others might wait for it; one that is through waits for
/// the others, asleep.
void leave(int status) {
  World& w = world();
  if (!w.all) return;
  if (w.all->data() == MPI_COMM_NULL) return w.all.reset();
  if (status != 0 || w.all->broken()) {
    std::fputs(fmt::format("tenon: rank {} has ended with status {}: the job ends\n", w.all->rank(), status).c_str(),
               stderr);
    std::fflush(nullptr);
    MPI_Abort(MPI_COMM_WORLD, status == 0 ? 1 : status);
  }
  w.all->close();
  MPI_Request request = MPI_REQUEST_NULL;
  MPI_Ibarrier(w.all->data(), &request);
  for (int there = 0; !there;) {
    MPI_Test(&request, &there, MPI_STATUS_IGNORE);
    if (!there) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  w.all.reset();
  if (w.began_mpi) MPI_Finalize();
}

void begin_mpi(World& w) {
  int begun = 0, provided = MPI_THREAD_SINGLE;
  check_mpi(MPI_Initialized(&begun), "init");
  if (begun) {
    check_mpi(MPI_Query_thread(&provided), "init");
  } else {
    // Open MPI waits by asking again and again: let it leave the processor to those that compute.
    setenv("OMPI_MCA_mpi_yield_when_idle", "1", 0);
    check_mpi(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_MULTIPLE, &provided), "init");
    w.began_mpi = true;
  }
  if (provided < MPI_THREAD_MULTIPLE)
    fail("init", "this MPI does not let several threads call it (it gives level {}, MPI_THREAD_MULTIPLE is needed)",
         provided);
}

}  // namespace

void init(const InitOptions& options) {
  World& w = world();
  if (w.all) fail("init", "the world has begun already");
  if (options.timeout.count() <= 0) fail("init", "expected timeout > 0, got {} ms", options.timeout.count());
  if (options.message_bytes < 64 || options.message_bytes > int64_t{1} << 30)
    fail("init", "expected message_bytes from 64 to 2³⁰, got {}", options.message_bytes);
  if (!started_in_a_job()) {
    w.all = std::make_shared<Communicator>(options);
    return;
  }
  begin_mpi(w);
  MPI_Comm all = MPI_COMM_NULL, near = MPI_COMM_NULL;
  check_mpi(MPI_Comm_dup(MPI_COMM_WORLD, &all), "init");
  check_mpi(MPI_Comm_split_type(all, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &near), "init");
  int local = 0, size = 0;
  check_mpi(MPI_Comm_rank(near, &local), "init");
  check_mpi(MPI_Comm_size(all, &size), "init");
  check_mpi(MPI_Comm_free(&near), "init");
  w.local_rank = local;
  std::vector<int64_t> ranks(static_cast<std::size_t>(size));
  std::iota(ranks.begin(), ranks.end(), 0);
  w.all = std::make_shared<Communicator>(all, std::move(ranks), options);
  static const bool registered = on_exit([](int status, void*) { leave(status); }, nullptr) == 0;
  if (!registered) fail("init", "no room for what is to happen at exit");
}

bool is_initialized() { return world().all != nullptr; }

void finalize() {
  ready_world("finalize");
  leave(0);
}

Communicator& Group::communicator() const { return communicator_ ? *communicator_ : *ready_world("Group").all; }
int64_t Group::rank() const { return communicator().rank(); }
int64_t Group::size() const { return communicator().size(); }
std::vector<int64_t> Group::ranks() const { return communicator().ranks(); }

Group new_group(const std::vector<int64_t>& ranks) {
  const World& w = ready_world("new_group");
  const int64_t n = w.all->size();
  std::vector<int> numbers;
  for (const int64_t r : ranks) {
    if (r < 0 || r >= n) fail("new_group", "expected ranks from 0 to {}, got {}", n - 1, r);
    if (std::ranges::count(ranks, r) > 1) fail("new_group", "rank {} is there twice", r);
    numbers.push_back(static_cast<int>(r));
  }
  if (ranks.empty()) fail("new_group", "expected one rank or more");
  if (n == 1) return Group(std::make_shared<Communicator>(w.all->options()));
  MPI_Comm comm = MPI_COMM_NULL;
  w.all->run("new_group", fmt::format("new_group({})", fmt::join(ranks, ", ")), false, [&] {
    MPI_Group everybody = MPI_GROUP_NULL, some = MPI_GROUP_NULL;
    check_mpi(MPI_Comm_group(w.all->data(), &everybody), "new_group");
    check_mpi(MPI_Group_incl(everybody, static_cast<int>(numbers.size()), numbers.data(), &some), "new_group");
    check_mpi(MPI_Comm_create(w.all->data(), some, &comm), "new_group");
    MPI_Group_free(&everybody);
    MPI_Group_free(&some);
    return std::vector<Tensor>();
  });
  return Group(std::make_shared<Communicator>(comm, ranks, w.all->options()));
}

int64_t rank() { return ready_world("rank").all->rank(); }
int64_t world_size() { return ready_world("world_size").all->size(); }
int64_t local_rank() { return ready_world("local_rank").local_rank; }

}  // namespace tenon::distributed
