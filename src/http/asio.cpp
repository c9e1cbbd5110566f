// The one place where Asio's and Beast's own sources are compiled: everybody else, in this room
// and outside, includes their declarations only (BOOST_ASIO_SEPARATE_COMPILATION and its sister).
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
