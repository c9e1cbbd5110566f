// Drives a fuzz target without libFuzzer, as a test: every file of its corpus as it is, then
// mutations of them. The generator's seed is fixed, so that a failure comes back.
//
//   <target> <corpus folder> <mutations>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t input_bytes_max = 8'192;

void run_one(const std::string& input) {
  // An exact copy on the heap, so that the sanitizers see a read behind its end.
  const std::vector<std::uint8_t> bytes(input.begin(), input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

std::vector<std::string> read_corpus(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    if (entry.is_regular_file())
      files.push_back(entry.path());
  }
  std::ranges::sort(files);
  std::vector<std::string> inputs;
  for (const auto& file : files) {
    std::ifstream in{file, std::ios::binary};
    inputs.emplace_back(std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{});
  }
  return inputs;
}

/// Changes some places of an input, and now and then puts a piece of another behind a piece of it.
class mutator {
public:
  explicit mutator(std::vector<std::string> corpus) : corpus_(std::move(corpus)) {}

  std::string next() {
    auto input = any();
    if (below(4) == 0) {
      const auto other = any();
      input = input.substr(0, below(input.size() + 1)) + other.substr(below(other.size() + 1));
    }
    for (auto changes = 1 + below(4); changes > 0; --changes)
      change(input);
    input.resize(std::min(input.size(), input_bytes_max));
    return input;
  }

private:
  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>{0, bound - 1}(random_);
  }

  const std::string& any() { return corpus_[below(corpus_.size())]; }

  char byte() {
    // What parsers stumble over more often than chance would have it.
    static const std::string special{"\0\xff\x80\x7f%&=+\"\\{}[],:0-9.e\n", 22};
    return below(2) == 0 ? special[below(special.size())] : static_cast<char>(below(256));
  }

  void change(std::string& input) {
    const auto at = below(input.size() + 1);
    switch (below(4)) {
      case 0:
        input.insert(at, 1, byte());
        break;
      case 1:
        input.erase(at, 1 + below(8));
        break;
      case 2:
        input.insert(at, input.substr(at, 1 + below(32)));
        break;
      default:
        if (at < input.size())
          input[at] = byte();
    }
  }

  std::vector<std::string> corpus_;
  std::mt19937_64 random_{20240601};
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s <corpus folder> <mutations>\n", argv[0]);
    return 2;
  }
  try {
    const auto corpus = read_corpus(argv[1]);
    if (corpus.empty()) {
      std::fprintf(stderr, "%s: the corpus is empty\n", argv[1]);
      return 1;
    }
    for (const auto& input : corpus)
      run_one(input);
    mutator mutations{corpus};
    const auto count = std::strtoul(argv[2], nullptr, 10);
    for (unsigned long i = 0; i < count; ++i)
      run_one(mutations.next());
    std::printf("%zu inputs and %lu mutations\n", corpus.size(), count);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "an exception left the target: %s\n", failure.what());
    return 1;
  }
  return 0;
}
