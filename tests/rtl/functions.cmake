# Benches of SystemVerilog. Not of sanitized builds: what Verilator makes is not of such a build.
if(NOT ALGEAN_SANITIZE)
  find_program(ALGEAN_VERILATOR verilator REQUIRED)
  find_program(ALGEAN_YOSYS yosys REQUIRED)
  find_program(ALGEAN_CLANG clang++ REQUIRED)  # 1.4 to 2.5 times the speed of g++ on what Verilator writes
  find_program(ALGEAN_CCACHE ccache)
endif()

# All SystemVerilog of the library, and where Verilator finds it.
file(GLOB ALGEAN_RTL CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/kernels/*/rtl/*.sv)
set(ALGEAN_RTL_FOLDERS ${ALGEAN_RTL})
list(TRANSFORM ALGEAN_RTL_FOLDERS REPLACE "/[^/]*$" "")
list(REMOVE_DUPLICATES ALGEAN_RTL_FOLDERS)

# add_verilated(target OUT folder TOP module SOURCES sv ... MAIN cpp ... LIBRARIES static library target ... LINK flag ...
# FLAGS of Verilator ... BEFORE a folder whose modules replace the library's OPTIMISE what the compiler is told, -O2 unless stated; -O0 builds several times as fast)
# An executable OUT/target that Verilator makes of the module TOP and MAIN; modules of the library are found by name.
function(add_verilated target)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "OUT;TOP;BEFORE;OPTIMISE" "SOURCES;MAIN;LIBRARIES;LINK;FLAGS;DEPENDS")
  set(libraries)
  foreach(library IN LISTS ARG_LIBRARIES)
    list(APPEND libraries $<TARGET_FILE:${library}>)
  endforeach()
  list(JOIN libraries " " libraries)
  list(JOIN ARG_LINK " " link)
  set(search)
  foreach(folder IN LISTS ARG_BEFORE ALGEAN_RTL_FOLDERS)
    list(APPEND search -y ${folder})
  endforeach()
  if(NOT ARG_OPTIMISE)
    set(ARG_OPTIMISE -O2)
  endif()
  set(make "-s CXX=${ALGEAN_CLANG} LINK=${ALGEAN_CLANG} OPT_FAST=${ARG_OPTIMISE} OPT_SLOW=-O0")
  if(ALGEAN_CCACHE)
    string(APPEND make " OBJCACHE=${ALGEAN_CCACHE}")
  endif()
  add_custom_command(OUTPUT ${ARG_OUT}/${target}
    COMMAND ${ALGEAN_VERILATOR} --cc --exe --build -j 1 --threads 1 -O3 --x-assign unique --x-initial unique -Wno-lint -Wno-style
      -sv ${search} ${ARG_FLAGS} --prefix V${ARG_TOP} --top-module ${ARG_TOP} --Mdir ${ARG_OUT}/verilated -o ${ARG_OUT}/${target}
      -CFLAGS "-std=c++20 -I${PROJECT_SOURCE_DIR} -I${ARG_OUT}" -LDFLAGS "${libraries} ${link} -lfmt"
      -MAKEFLAGS "${make}" ${ARG_SOURCES} ${ARG_MAIN}
    DEPENDS ${ARG_SOURCES} ${ARG_MAIN} ${ARG_LIBRARIES} ${ARG_DEPENDS} ${ALGEAN_RTL}
    COMMENT "Verilating ${target}" VERBATIM)
  add_custom_target(${target} ALL DEPENDS ${ARG_OUT}/${target})
endfunction()

# add_rtl_test(room CASES file MODELS cpp ... DEPS folder/room ...): a bench of modules (tests/rtl/harness/bench.hpp), its
# cases and their models in tests/rtl/room. Two tests: rtl.room, every case under every pattern; rtl.room.mutations, that the
# bench notices each change listed in tests/rtl/mutations/room.txt.
function(add_rtl_test room)
  if(ALGEAN_SANITIZE)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "CASES" "MODELS;DEPS")
  if(NOT TARGET rtl_harness)
    add_library(rtl_harness STATIC ${PROJECT_SOURCE_DIR}/tests/rtl/harness/axi.cpp ${PROJECT_SOURCE_DIR}/tests/rtl/harness/bench.cpp
      ${PROJECT_SOURCE_DIR}/tests/rtl/harness/checker.cpp ${PROJECT_SOURCE_DIR}/tests/rtl/harness/stream_driver.cpp)
    target_include_directories(rtl_harness PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(rtl_harness PUBLIC fmt::fmt PRIVATE algean_warnings)
  endif()
  set(here ${PROJECT_SOURCE_DIR}/tests/rtl)
  list(TRANSFORM ARG_MODELS PREPEND ${here}/${room}/)
  list(TRANSFORM ARG_DEPS REPLACE "/" "_")
  add_library(rtl_${room}_models STATIC ${ARG_MODELS})
  target_link_libraries(rtl_${room}_models PUBLIC rtl_harness ${ARG_DEPS} PRIVATE algean_warnings)
  set(mutations ${here}/mutations/${room}.txt)
  foreach(kind IN ITEMS bench mutations)
    set(out ${PROJECT_BINARY_DIR}/rtl/${room}_${kind})
    set(options)
    set(optimise -O1)
    if("${kind}" STREQUAL "mutations")
      set(options --sources ${ALGEAN_RTL} --mutations ${mutations})
      set(optimise -O0)
    endif()
    add_custom_command(OUTPUT ${out}/bench_top.sv ${out}/cases.inc
      COMMAND ${ALGEAN_PYTHON} ${here}/harness/make_top.py ${here}/${room}/${ARG_CASES} ${out} ${options}
      DEPENDS ${here}/harness/make_top.py ${here}/${room}/${ARG_CASES} ${mutations} ${ALGEAN_RTL} VERBATIM)
    add_verilated(rtl_${room}_${kind} OUT ${out} TOP bench_top SOURCES ${out}/bench_top.sv MAIN ${here}/harness/main.cpp
      LIBRARIES rtl_${room}_models rtl_harness ${ARG_DEPS} FLAGS -y ${out} OPTIMISE ${optimise} DEPENDS ${out}/cases.inc)
  endforeach()
  add_test(NAME rtl.${room} COMMAND ${PROJECT_BINARY_DIR}/rtl/${room}_bench/rtl_${room}_bench)
  add_test(NAME rtl.${room}.mutations COMMAND ${PROJECT_BINARY_DIR}/rtl/${room}_mutations/rtl_${room}_mutations)
  set_tests_properties(rtl.${room} rtl.${room}.mutations PROPERTIES LABELS full TIMEOUT 300)
endfunction()

# The bench of algean_kernel (tests/rtl/kernel), a program of GoogleTest; and that it notices the mutations beside it.
function(add_kernel_test)
  if(ALGEAN_SANITIZE)
    return()
  endif()
  set(harness ${PROJECT_SOURCE_DIR}/tests/rtl/harness)
  set(here ${PROJECT_SOURCE_DIR}/tests/rtl/kernel)
  set(out ${PROJECT_BINARY_DIR}/rtl/kernel)
  set(bench TOP kernel_bench_top SOURCES ${here}/kernel_bench_top.sv MAIN ${here}/kernel_bench.cpp ${here}/kernel_fixture.cpp
    LIBRARIES rtl_harness LINK -lgtest)
  set(depends ${here}/kernel_fixture.hpp ${PROJECT_SOURCE_DIR}/runtime/wire/registers.hpp)
  add_verilated(rtl_kernel OUT ${out} ${bench} OPTIMISE -O1 DEPENDS ${depends})
  register_test(rtl.kernel ${out}/rtl_kernel full)

  set(mutable ${PROJECT_BINARY_DIR}/rtl/kernel_mutable)
  add_custom_command(OUTPUT ${mutable}/mutations.txt
    COMMAND ${ALGEAN_PYTHON} ${harness}/make_mutable.py ${mutable} --sources ${ALGEAN_RTL} --mutations ${here}/mutations.txt
    DEPENDS ${harness}/make_mutable.py ${harness}/make_top.py ${here}/mutations.txt ${ALGEAN_RTL} VERBATIM)
  add_verilated(rtl_kernel_mutable OUT ${mutable} ${bench} BEFORE ${mutable} OPTIMISE -O0 DEPENDS ${depends} ${mutable}/mutations.txt)
  add_script_test(rtl.kernel.mutations full rtl/mutations_test.py ${mutable}/mutations.txt ${mutable}/rtl_kernel_mutable)
endfunction()
