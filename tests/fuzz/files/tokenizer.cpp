// A tokenizer's file: what it makes of a text, it gives back.
#include <tenon/data/byte_pair_tokenizer.h>

#include "fuzz/files/target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, std::size_t size) {
  using namespace tenon;
  fuzz::reads_or_refuses([&] {
    const auto tokenizer = data::BytePairTokenizer::from_str(std::string(reinterpret_cast<const char*>(bytes), size));
    for (const int64_t id : tokenizer.encode("The loss  doesn't\n\xff change <|endoftext|>"))
      fuzz::require(tokenizer.decode({id}, false) == tokenizer.id_to_token(id), "a token has one text");
  });
  return 0;
}
