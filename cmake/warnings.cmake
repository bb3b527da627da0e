# Warnings are errors in every build of ours; sanitizers by ALGEAN_SANITIZE.
add_library(algean_warnings INTERFACE)
target_compile_options(algean_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wcast-qual -Wformat=2 -Wundef -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  # libstdc++ 12's stable_sort warns of itself, and sanitizers leave some functions without a use.
  target_compile_options(algean_warnings INTERFACE -Wno-deprecated-declarations -Wno-unneeded-internal-declaration)
endif()
if(ALGEAN_SANITIZE)
  add_compile_options(-fsanitize=${ALGEAN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${ALGEAN_SANITIZE})
  # The same for libraries and executables, so that they share what precompiled.cmake makes.
  add_compile_options(-fPIC -Xclang -fno-pch-timestamp)
  add_compile_definitions(FMT_SHARED)
endif()
if(ALGEAN_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
