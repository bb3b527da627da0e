// algean_matvec with weights and constants that are loaded while it runs.
//
// They come through w_* (algean_weight_loader: order of the words, banks, `error`) into block RAM, or URAM where ULTRA is
// set; nothing leaves before a first load is complete. All else is as in algean_matvec: the words of both memories,
// parameters, cycles, latency, but one cycle more before an inference that changes banks.
// LOADABLE 0: the body of algean_matvec, w_* unused.
module algean_matvec_loadable #(
  parameter int unsigned ELEMENTS = 6,
  parameter int unsigned OUTPUTS = 5,
  parameter int unsigned SIMD = 2,
  parameter int unsigned PE = 2,
  parameter int unsigned LANES = 1,
  parameter int unsigned BITS = 8,
  parameter int unsigned WEIGHT_BITS = 8,
  parameter int unsigned ACCUMULATOR_BITS = 24,
  parameter int unsigned PACKED = 0,
  parameter int unsigned ARITHMETIC = 0,
  parameter int signed SHIFT_LOW = 1,
  parameter int signed SHIFT_HIGH = 47,
  parameter int signed ZERO = 0,
  parameter int signed LOW = -128,
  parameter int signed HIGH = 127,
  parameter int unsigned ULTRA = 0,
  parameter int unsigned LOADABLE = 1,
  parameter WEIGHTS = "",
  parameter CONSTANTS = ""
) (
  input logic clk,
  input logic rst,
  input logic [31:0] w_data,
  input logic w_last,
  input logic w_valid,
  output logic w_ready,
  output logic error,
  input logic [BITS*SIMD-1:0] s_data,
  input logic s_last,
  input logic s_mark,
  input logic s_valid,
  output logic s_ready,
  output logic [BITS*LANES-1:0] m_data,
  output logic m_last,
  output logic m_mark,
  output logic m_valid,
  input logic m_ready
);
  localparam int unsigned FOLDS = (ELEMENTS + SIMD - 1) / SIMD;
  localparam int unsigned ROUNDS = (OUTPUTS + PE - 1) / PE;
  localparam int unsigned LATENCY = 4 + $clog2(SIMD) + ((PACKED != 0) ? 1 : 0);

  if (SIMD < 1 || SIMD > ELEMENTS || PE < 1 || PE > OUTPUTS)
    $error("algean_matvec: SIMD must be 1..ELEMENTS, PE 1..OUTPUTS");

  localparam int unsigned DEPTH = FOLDS * ROUNDS;
  localparam int unsigned WORD = PE * SIMD * WEIGHT_BITS;
  localparam int unsigned AB = (DEPTH > 1) ? $clog2(DEPTH) : 1;
  localparam int unsigned KB = (WORD > 64) ? $clog2((WORD + 63) / 64) : 1;

  logic step, first, group, bank, load_bank, load_weight;
  logic [AB-1:0] address, weight_address;
  logic [KB-1:0] weight_column;
  logic [BITS*SIMD-1:0] data;
  logic [63:0] load_data;
  logic [PE*ACCUMULATOR_BITS-1:0] sums;

  algean_matvec_datapath #(
    .SIMD(SIMD), .PE(PE), .BITS(BITS), .WEIGHT_BITS(WEIGHT_BITS), .ACCUMULATOR_BITS(ACCUMULATOR_BITS),
    .DEPTH(DEPTH), .PACKED(PACKED), .LOADABLE(LOADABLE), .ULTRA(ULTRA), .LATENCY(LATENCY), .IMAGE(WEIGHTS)
  ) u_datapath (
    .clk, .step, .first, .group, .bank, .address, .data, .load(load_weight), .load_bank, .load_address(weight_address),
    .load_column(weight_column), .load_data, .sums
  );

  algean_matvec_frame #(
    .WORD(BITS * SIMD), .FOLDS(FOLDS), .ROUNDS(ROUNDS), .ONCE(0), .SUMS(PE), .LANES(LANES), .OUTPUTS(OUTPUTS),
    .BITS(BITS), .ACCUMULATOR_BITS(ACCUMULATOR_BITS), .ARITHMETIC(ARITHMETIC), .SHIFT_LOW(SHIFT_LOW),
    .SHIFT_HIGH(SHIFT_HIGH), .ZERO(ZERO), .LOW(LOW), .HIGH(HIGH), .LATENCY(LATENCY), .LOADABLE(LOADABLE),
    .WEIGHT_WORD(WORD), .CONSTANTS(CONSTANTS)
  ) u_frame (
    .clk, .rst, .w_data, .w_last, .w_valid, .w_ready, .error, .s_data, .s_last, .s_mark, .s_valid, .s_ready,
    .step, .first, .group, .bank, .address, .data, .load_bank, .load_weight, .weight_address, .weight_column,
    .load_data, .sums,
    .m_data, .m_last, .m_mark, .m_valid, .m_ready
  );
endmodule
