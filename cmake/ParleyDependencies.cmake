# Everything Parley links against, found once. A missing or too old package says what to run.

function(parley_missing what)
  message(FATAL_ERROR "${what} is missing or too old. Run scripts/setup once (it installs Debian's "
                      "packages and, where the system's Boost is older than 1.81, a Boost prefix "
                      "in .deps/).")
endfunction()

macro(parley_require name)
  find_package(${name} ${ARGN} QUIET)
  if(NOT ${name}_FOUND)
    parley_missing("${name} ${ARGN}")
  endif()
endmacro()

find_package(Threads REQUIRED)
find_package(PkgConfig QUIET)
if(NOT PkgConfig_FOUND)
  parley_missing("pkg-config")
endif()

# Debian 12's Boost 1.74 does not compile Asio's coroutines as C++20; scripts/setup unpacks 1.81.
# BoostConfig, not FindBoost: it knows the component `headers` and stays within the prefix.
list(PREPEND CMAKE_PREFIX_PATH "${CMAKE_CURRENT_SOURCE_DIR}/.deps/boost/usr")
set(Boost_NO_SYSTEM_PATHS OFF)
parley_require(Boost 1.81 CONFIG COMPONENTS headers)
target_compile_definitions(
  Boost::headers
  INTERFACE BOOST_ASIO_NO_DEPRECATED
            BOOST_ASIO_SEPARATE_COMPILATION
            BOOST_BEAST_SEPARATE_COMPILATION
            BOOST_JSON_NO_LIB
            BOOST_URL_NO_LIB
            BOOST_ALL_NO_LIB)

parley_require(CAF)
if(CAF_VERSION VERSION_LESS 0.17.6 OR CAF_VERSION VERSION_GREATER_EQUAL 0.18)
  parley_missing("CAF 0.17.6")
endif()
parley_require(OpenSSL 3.0)
parley_require(spdlog 1.10)
parley_require(tomlplusplus)
parley_require(CLI11)
parley_require(prometheus-cpp)
parley_require(ICU 70 COMPONENTS uc)
parley_require(date 3.0 CONFIG)

pkg_check_modules(lmdb QUIET IMPORTED_TARGET lmdb)
if(NOT lmdb_FOUND)
  parley_missing("LMDB")
endif()
add_library(parley_lmdb INTERFACE)
target_link_libraries(parley_lmdb INTERFACE PkgConfig::lmdb)

pkg_check_modules(xxhash QUIET IMPORTED_TARGET libxxhash)
if(NOT xxhash_FOUND)
  parley_missing("xxHash")
endif()
add_library(parley_xxhash INTERFACE)
target_link_libraries(parley_xxhash INTERFACE PkgConfig::xxhash)

pkg_check_modules(libmagic QUIET IMPORTED_TARGET libmagic)
if(NOT libmagic_FOUND)
  parley_missing("libmagic")
endif()
add_library(parley_magic INTERFACE)
target_link_libraries(parley_magic INTERFACE PkgConfig::libmagic)

pkg_check_modules(re2 QUIET IMPORTED_TARGET re2)
if(NOT re2_FOUND)
  parley_missing("RE2")
endif()
add_library(parley_re2 INTERFACE)
target_link_libraries(parley_re2 INTERFACE PkgConfig::re2)

# Its headers ask for Boost's threads only where I18N_PHONENUMBERS_USE_BOOST is set, which nobody
# does here; what they inline comes from protobuf.
pkg_check_modules(protobuf QUIET IMPORTED_TARGET protobuf)
find_path(PHONENUMBER_INCLUDE_DIR phonenumbers/phonenumberutil.h)
find_library(PHONENUMBER_LIBRARY phonenumber)
if(NOT protobuf_FOUND OR NOT PHONENUMBER_INCLUDE_DIR OR NOT PHONENUMBER_LIBRARY)
  parley_missing("libphonenumber or protobuf")
endif()
add_library(parley_phonenumber INTERFACE)
target_link_libraries(parley_phonenumber INTERFACE "${PHONENUMBER_LIBRARY}" PkgConfig::protobuf)
target_include_directories(parley_phonenumber SYSTEM INTERFACE "${PHONENUMBER_INCLUDE_DIR}")

# Debian's msgpack target drags in Boost 1.74; the headers work without any Boost.
find_path(MSGPACK_INCLUDE_DIR msgpack.hpp)
if(NOT MSGPACK_INCLUDE_DIR)
  parley_missing("msgpack-cxx")
endif()
add_library(parley_msgpack INTERFACE)
target_compile_definitions(parley_msgpack INTERFACE MSGPACK_NO_BOOST)
target_include_directories(parley_msgpack SYSTEM INTERFACE "${MSGPACK_INCLUDE_DIR}")

# The broker allocates on one thread and frees on another for every message, which glibc's arenas
# handle badly: jemalloc saves 6 to 9 % of the CPU per message (bench/results). Sanitizers bring an
# allocator of their own.
pkg_check_modules(jemalloc QUIET IMPORTED_TARGET jemalloc)
if(NOT jemalloc_FOUND)
  parley_missing("jemalloc")
endif()
add_library(parley_allocator INTERFACE)
if(NOT PARLEY_SANITIZE)
  # Nothing names a symbol of it: it takes malloc's place.
  target_link_options(parley_allocator INTERFACE LINKER:--no-as-needed)
  target_link_libraries(parley_allocator INTERFACE PkgConfig::jemalloc)
endif()

if(PARLEY_TESTS)
  parley_require(GTest)
  parley_require(rapidcheck)
  parley_require(benchmark)
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime "${CCACHE}")
endif()
