# Made by algean 0.1.0 from small.graph (lowered graph: CRC-32C 4f15a6d4), build --hls --interval 24.
# Changes are lost when it is made again.
# vitis_hls -f build.tcl, or: vitis-run --mode hls --tcl build.tcl
set part xcvu9p-flga2104-2L-e
set period_ns 5
set cosim 0

set here [file dirname [file normalize [info script]]]
set root [file normalize "$here/.."]
while {![file isdirectory "$root/include/kernels"]} {set root [file dirname $root]}
set flags "-std=c++14 -I$root/include"

open_project -reset project
set_top ip_dense_3
add_files "$here/ip_dense_3.cpp" -cflags $flags
add_files -tb "$here/ip_dense_3_test.cpp" -cflags "$flags -I$root/test_bench"
add_files -tb "$here/vectors"
open_solution -reset solution -flow_target vivado
set_part $part
create_clock -period $period_ns
csim_design
csynth_design
if {$cosim} {cosim_design}
export_design -flow impl -format ip_catalog
exit
