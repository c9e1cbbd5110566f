#include "actors/noise.hpp"

#include <random>

namespace parley::actors {

double noise() {
  static thread_local std::minstd_rand source{std::random_device{}()};
  return std::uniform_real_distribution<double>{0.0, 1.0}(source);
}

}  // namespace parley::actors
