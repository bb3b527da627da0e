// The twin of algean_matvec_datapath, for simulation only: the same module, ports, cycles and sums, the arithmetic in
// C++ (algean_matvec_twin.hpp) in one call a fold. PACKED only changes the latency.
module algean_matvec_datapath #(
  parameter int unsigned SIMD = 4,
  parameter int unsigned PE = 2,
  parameter int unsigned BITS = 8,
  parameter int unsigned WEIGHT_BITS = 8,
  parameter int unsigned ACCUMULATOR_BITS = 24,
  parameter int unsigned DEPTH = 4,
  parameter int unsigned PACKED = 0,
  parameter int unsigned LOADABLE = 0,
  parameter int unsigned ULTRA = 0,
  parameter int unsigned LATENCY = 6,
  parameter IMAGE = "",
  localparam int unsigned WORD = PE * SIMD * WEIGHT_BITS,
  localparam int unsigned AB = (DEPTH > 1) ? $clog2(DEPTH) : 1,
  localparam int unsigned KB = (WORD > 64) ? $clog2((WORD + 63) / 64) : 1
) (
  input logic clk,
  input logic step,
  input logic first,
  input logic group,
  input logic bank,
  input logic [AB-1:0] address,
  input logic [SIMD*BITS-1:0] data,
  input logic load,
  input logic load_bank,
  input logic [AB-1:0] load_address,
  input logic [KB-1:0] load_column,
  input logic [63:0] load_data,
  output logic [PE*ACCUMULATOR_BITS-1:0] sums
);
  if (LATENCY != 4 + $clog2(SIMD) + ((PACKED != 0) ? 1 : 0))
    $error("algean_matvec_datapath: LATENCY must be 4 + clog2(SIMD), one more where PACKED");
  if (BITS > 8 || WEIGHT_BITS > 16) $error("algean_matvec_datapath: the twin takes 8 bits and weights of 16 at most");

  // Vectors of whole 32-bit words, as C++ sees them.
  localparam int unsigned XB = (SIMD * BITS + 31) / 32 * 32;
  localparam int unsigned SB = (PE * ACCUMULATOR_BITS + 31) / 32 * 32;
  import "DPI-C" function chandle algean_twin_new(input int simd, input int pe, input int bits, input int weight_bits,
                                                  input int accumulator_bits, input int depth);
  import "DPI-C" function void algean_twin_read(input chandle unit, input string path);
  import "DPI-C" function void algean_twin_write(input chandle unit, input int address, input int column,
                                                 input longint data);
  import "DPI-C" function void algean_twin_step(input chandle unit, input bit first, input bit group, input int address,
                                                input bit [XB-1:0] data);
  import "DPI-C" function void algean_twin_give(input chandle unit, output bit [SB-1:0] sums);

  // Elements come a cycle after their step; sums leave LATENCY cycles after it.
  logic step_at, first_at;
  logic [LATENCY-2:0] group_at;
  int unsigned address_at;
  bit [SB-1:0] given;
  chandle unit;
  initial begin
    unit = algean_twin_new(SIMD, PE, BITS, WEIGHT_BITS, ACCUMULATOR_BITS, (LOADABLE != 0) ? 2 * DEPTH : DEPTH);
    if (LOADABLE == 0) algean_twin_read(unit, IMAGE);
    // There is no rst: what stands in them at first must not count, or sums would be given that nobody made.
    step_at = 1'b0;
    group_at = '0;
  end

  always_ff @(posedge clk) begin
    step_at <= step;
    first_at <= first;
    group_at <= {group_at[LATENCY-3:0], group && step};
    address_at <= 32'(address) + ((LOADABLE != 0 && bank) ? DEPTH : 0);
    if (step_at) algean_twin_step(unit, first_at, group_at[0], address_at, XB'(data));
    if (group_at[LATENCY-2]) begin
      algean_twin_give(unit, given);
      sums <= given[PE*ACCUMULATOR_BITS-1:0];
    end
    if (LOADABLE != 0 && load)
      algean_twin_write(unit, 32'(load_address) + (load_bank ? DEPTH : 0), 32'(load_column), load_data);
  end

  logic unused_bits;
  assign unused_bits = &{1'b0, ULTRA != 0, bank, load, load_bank, load_address, load_column, load_data, given};
endmodule
