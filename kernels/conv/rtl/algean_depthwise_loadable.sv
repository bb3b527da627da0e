// algean_depthwise with weights and constants that are loaded while it runs: to it what algean_matvec_loadable is to
// algean_matvec, LOADABLE 0 among it.
module algean_depthwise_loadable #(
  parameter int unsigned CHANNELS = 3,
  parameter int unsigned MULTIPLIER = 1,
  parameter int unsigned TAPS = 9,
  parameter int unsigned LANES = 2,
  parameter int unsigned OUT_LANES = 1,
  parameter int unsigned BITS = 8,
  parameter int unsigned WEIGHT_BITS = 8,
  parameter int unsigned ACCUMULATOR_BITS = 24,
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
  input logic [BITS*LANES-1:0] s_data,
  input logic s_last,
  input logic s_mark,
  input logic s_valid,
  output logic s_ready,
  output logic [BITS*OUT_LANES-1:0] m_data,
  output logic m_last,
  output logic m_mark,
  output logic m_valid,
  input logic m_ready
);
  localparam int unsigned ROUNDS = (CHANNELS + LANES - 1) / LANES;
  localparam int unsigned SUMS = LANES * MULTIPLIER;
  localparam int unsigned DEPTH = TAPS * ROUNDS;
  localparam int unsigned WORD = SUMS * WEIGHT_BITS;
  localparam int unsigned AB = (DEPTH > 1) ? $clog2(DEPTH) : 1;
  localparam int unsigned KB = (WORD > 64) ? $clog2((WORD + 63) / 64) : 1;
  if (LANES < 1 || LANES > CHANNELS) $error("algean_depthwise: LANES must be 1..CHANNELS");

  logic step, first, group, bank, load_bank, load_weight;
  logic [AB-1:0] address, weight_address;
  logic [KB-1:0] weight_column;
  logic [BITS*LANES-1:0] data;
  logic [63:0] load_data;
  logic unused_group;
  logic [SUMS*ACCUMULATOR_BITS-1:0] sums;
  assign unused_group = group;

  algean_depthwise_datapath #(
    .LANES(LANES), .MULTIPLIER(MULTIPLIER), .BITS(BITS), .WEIGHT_BITS(WEIGHT_BITS),
    .ACCUMULATOR_BITS(ACCUMULATOR_BITS), .DEPTH(DEPTH), .LOADABLE(LOADABLE), .ULTRA(ULTRA), .IMAGE(WEIGHTS)
  ) u_datapath (
    .clk, .step, .first, .bank, .address, .data, .load(load_weight), .load_bank, .load_address(weight_address),
    .load_column(weight_column), .load_data, .sums
  );

  algean_matvec_frame #(
    .WORD(BITS * LANES), .FOLDS(TAPS), .ROUNDS(ROUNDS), .ONCE(1), .SUMS(SUMS), .LANES(OUT_LANES),
    .OUTPUTS(CHANNELS * MULTIPLIER), .BITS(BITS), .ACCUMULATOR_BITS(ACCUMULATOR_BITS), .ARITHMETIC(ARITHMETIC),
    .SHIFT_LOW(SHIFT_LOW), .SHIFT_HIGH(SHIFT_HIGH), .ZERO(ZERO), .LOW(LOW), .HIGH(HIGH), .LATENCY(4),
    .LOADABLE(LOADABLE), .WEIGHT_WORD(WORD), .CONSTANTS(CONSTANTS)
  ) u_frame (
    .clk, .rst, .w_data, .w_last, .w_valid, .w_ready, .error, .s_data, .s_last, .s_mark, .s_valid, .s_ready,
    .step, .first, .group, .bank, .address, .data, .load_bank, .load_weight, .weight_address, .weight_column,
    .load_data, .sums,
    .m_data, .m_last, .m_mark, .m_valid, .m_ready
  );
endmodule
