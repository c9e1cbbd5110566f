# One target a room: parley_<name>, headers in include/parley/<name>, sources in src/<name>.

set(PARLEY_WARNINGS
    -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wnon-virtual-dtor
    -Woverloaded-virtual -Wold-style-cast)

# Compiler settings shared by every target; linked privately so that they do not travel.
add_library(parley_settings INTERFACE)
target_compile_options(parley_settings INTERFACE ${PARLEY_WARNINGS}
                                                 $<$<BOOL:${PARLEY_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Lets ccache reuse objects that were built with a precompiled header.
  target_compile_options(parley_settings INTERFACE -fpch-preprocess)
endif()
if(PARLEY_SANITIZE)
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
if(PARLEY_FUZZ)
  # Every room is instrumented for coverage; only the targets of tests/fuzz link libFuzzer's main.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# parley_room(<name> [FOLDER dir] [USES room...] [LIBRARIES target...] [PRECOMPILE header])
function(parley_room name)
  cmake_parse_arguments(ROOM "" "FOLDER;PRECOMPILE" "USES;LIBRARIES" ${ARGN})
  if(NOT ROOM_FOLDER)
    set(ROOM_FOLDER "src/${name}")
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${ROOM_FOLDER}/*.cpp")
  list(TRANSFORM ROOM_USES PREPEND parley_)
  if(sources)
    add_library(parley_${name} STATIC ${sources})
    target_include_directories(parley_${name} PUBLIC "${PROJECT_SOURCE_DIR}/include"
                                                     "${PROJECT_SOURCE_DIR}")
    target_link_libraries(parley_${name} PUBLIC ${ROOM_USES} ${ROOM_LIBRARIES} Threads::Threads
                                         PRIVATE parley_settings)
    if(ROOM_PRECOMPILE)
      target_precompile_headers(parley_${name} PRIVATE "${PROJECT_SOURCE_DIR}/${ROOM_PRECOMPILE}")
    endif()
  else()
    add_library(parley_${name} INTERFACE)
    target_include_directories(parley_${name} INTERFACE "${PROJECT_SOURCE_DIR}/include"
                                                        "${PROJECT_SOURCE_DIR}")
    target_link_libraries(parley_${name} INTERFACE ${ROOM_USES} ${ROOM_LIBRARIES})
  endif()
endfunction()

# parley_embed(<room> file variable template): compiles a file's text into the room. The template is
# a source with @variable@ where the text goes.
function(parley_embed room file variable template)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${file}")
  file(READ "${PROJECT_SOURCE_DIR}/${file}" ${variable})
  get_filename_component(source "${template}" NAME_WLE)
  set(generated "${PROJECT_BINARY_DIR}/embedded/${room}/${source}")
  configure_file("${PROJECT_SOURCE_DIR}/${template}" "${generated}" @ONLY)
  target_sources(parley_${room} PRIVATE "${generated}")
endfunction()

# parley_test(<name> ROOMS room... [LIBRARIES target...]): tests/<name>/*_test.cpp as one program.
function(parley_test name)
  cmake_parse_arguments(TEST "" "" "ROOMS;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/${name}/*.cpp")
  if(NOT sources)
    return()
  endif()
  list(TRANSFORM TEST_ROOMS PREPEND parley_)
  add_executable(${name}_test ${sources})
  target_link_libraries(${name}_test PRIVATE ${TEST_ROOMS} ${TEST_LIBRARIES} parley_settings
                                             GTest::gmock GTest::gtest_main)
  target_include_directories(${name}_test PRIVATE "${PROJECT_SOURCE_DIR}")
  # A test's own code need be neither fast nor checked for undefined behaviour, which takes half of
  # the time to compile it. The rooms that it links are both, and AddressSanitizer watches all.
  target_compile_options(${name}_test PRIVATE -O1)
  if(PARLEY_SANITIZE)
    target_compile_options(${name}_test PRIVATE -fno-sanitize=undefined)
  endif()
  gtest_discover_tests(${name}_test DISCOVERY_TIMEOUT 120 PROPERTIES TIMEOUT 300)
endfunction()
