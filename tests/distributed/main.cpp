// Every process runs every test. What fails in any of them fails them all.
#include <string_view>

#include <gtest/gtest.h>

#include <tenon/distributed.h>

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  tenon::distributed::InitOptions options{.timeout = std::chrono::seconds(60)};
  if (argc == 3 && std::string_view(argv[1]) == "--message-bytes") options.message_bytes = std::stoll(argv[2]);
  tenon::distributed::init(options);
  if (tenon::distributed::rank() > 0)  // one of them is enough to say what passes
    testing::UnitTest::GetInstance()->listeners().Release(
        testing::UnitTest::GetInstance()->listeners().default_result_printer());
  return RUN_ALL_TESTS();
}
