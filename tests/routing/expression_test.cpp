#include "parley/routing/expression.hpp"

#include <gtest/gtest.h>

#include <string>

namespace parley::routing {
namespace {

struct expression_case {
  const char* name;
  std::string expression;
  bool usable;
};

class an_expression : public ::testing::TestWithParam<expression_case> {};

TEST_P(an_expression, is_used_only_if_it_compiles) {
  const auto fault = expression_fault(GetParam().expression);
  EXPECT_EQ(!fault, GetParam().usable) << fault.value_or("");
  if (fault) {
    EXPECT_FALSE(fault->empty());
  }
}

INSTANTIATE_TEST_SUITE_P(
  expressions, an_expression,
  ::testing::Values(expression_case{"empty", "", true}, expression_case{"words", "(?i)order", true},
                    expression_case{"unicode", "größe|Größe", true},
                    expression_case{"nested_repetition", "(a+)+$", true},
                    expression_case{"longest", std::string(512, 'a'), true},
                    expression_case{"too_long", std::string(513, 'a'), false},
                    expression_case{"open_group", "a(b", false},
                    expression_case{"open_class", "[a-", false},
                    expression_case{"back_reference", R"((a)\1)", false},
                    expression_case{"look_ahead", "a(?=b)", false},
                    expression_case{"repetition_bomb", "((a{100}){100}){100}", false},
                    expression_case{"memory_bomb", R"((\pL{500}){2})", false},
                    expression_case{"not_utf8", "a\xff", false},
                    expression_case{"nul", std::string("a\0b", 3), false}),
  [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace parley::routing
