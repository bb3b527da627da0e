# Warnings are errors in every build of ours; sanitizers by ALGEAN_SANITIZE.
add_library(algean_warnings INTERFACE)
target_compile_options(algean_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wcast-qual -Wformat=2 -Wundef -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  # libstdc++ 12's stable_sort warns of itself.
  target_compile_options(algean_warnings INTERFACE -Wno-deprecated-declarations)
endif()
if(ALGEAN_SANITIZE)
  add_compile_options(-fsanitize=${ALGEAN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${ALGEAN_SANITIZE})
  # What g++ defines by itself, so that code asks one question of both compilers.
  if(CMAKE_CXX_COMPILER_ID STREQUAL Clang AND ALGEAN_SANITIZE MATCHES "(address|thread)")
    string(TOUPPER ${CMAKE_MATCH_1} sanitizer)
    add_compile_definitions(__SANITIZE_${sanitizer}__)
  endif()
endif()
