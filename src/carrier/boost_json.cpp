// Boost.JSON's one translation unit: the library is used from its headers.
#include <boost/json/src.hpp>
