#pragma once

#include <stdexcept>

namespace parley::cli {

/// What the operator gave is wrong: an argument, an environment variable or a file. The message is
/// one line that starts with the place (`file:line:` where there is one) and says what to do.
class input_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

}  // namespace parley::cli
