# Warnings are errors in every build of ours; sanitizers by ALGEAN_SANITIZE.
add_library(algean_warnings INTERFACE)
target_compile_options(algean_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wcast-qual -Wformat=2 -Wundef -Werror)
if(ALGEAN_SANITIZE)
  add_compile_options(-fsanitize=${ALGEAN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${ALGEAN_SANITIZE})
  # g++ 12 sees uninitialised members of std::variant and std::optional once the sanitizers have split their moves.
  target_compile_options(algean_warnings INTERFACE -Wno-maybe-uninitialized)
endif()
