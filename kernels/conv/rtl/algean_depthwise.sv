// Depthwise convolution behind algean_window in ORDER 1: each channel's taps times its own weights, requantised.
//
// Input: for each output pixel and each block of LANES channels a row of TAPS beats, LANES elements each. Output: rows of
// CHANNELS * MULTIPLIER elements in OUT_LANES lanes, channel c's outputs c * MULTIPLIER + j; OUT_LANES is the smallest
// divisor of LANES * MULTIPLIER with LANES * MULTIPLIER / OUT_LANES <= TAPS.
// Weights: word b * TAPS + t (block b, tap t) as in algean_depthwise_datapath, 0 behind the last channel. All else as in
// algean_matvec. Legal: LANES <= CHANNELS. Multipliers: LANES * MULTIPLIER, and OUT_LANES for requantisation.
// Cycles: TAPS * ceil(CHANNELS / LANES) a pixel, without a gap; from the first beat of a block to the last one of its
// output 2 * TAPS + 11 (tflite: 13) + beats.
module algean_depthwise #(
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
  parameter int signed SHIFT_HIGH = 30,
  parameter int signed ZERO = 0,
  parameter int signed LOW = -128,
  parameter int signed HIGH = 127,
  parameter WEIGHTS = "",
  parameter CONSTANTS = ""
) (
  input logic clk,
  input logic rst,
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
  logic unused_w_ready, unused_error;
  assign unused_group = group;

  algean_depthwise_datapath #(
    .LANES(LANES), .MULTIPLIER(MULTIPLIER), .BITS(BITS), .WEIGHT_BITS(WEIGHT_BITS),
    .ACCUMULATOR_BITS(ACCUMULATOR_BITS), .DEPTH(DEPTH), .LOADABLE(0), .IMAGE(WEIGHTS)
  ) u_datapath (
    .clk, .step, .first, .bank, .address, .data, .load(load_weight), .load_bank, .load_address(weight_address),
    .load_column(weight_column), .load_data, .sums
  );

  algean_matvec_frame #(
    .WORD(BITS * LANES), .FOLDS(TAPS), .ROUNDS(ROUNDS), .ONCE(1), .SUMS(SUMS), .LANES(OUT_LANES),
    .OUTPUTS(CHANNELS * MULTIPLIER), .BITS(BITS), .ACCUMULATOR_BITS(ACCUMULATOR_BITS), .ARITHMETIC(ARITHMETIC),
    .SHIFT_LOW(SHIFT_LOW), .SHIFT_HIGH(SHIFT_HIGH), .ZERO(ZERO), .LOW(LOW), .HIGH(HIGH), .LATENCY(4), .LOADABLE(0),
    .WEIGHT_WORD(WORD), .CONSTANTS(CONSTANTS)
  ) u_frame (
    .clk, .rst, .w_data('0), .w_last(1'b0), .w_valid(1'b0), .w_ready(unused_w_ready), .error(unused_error), .s_data, .s_last, .s_mark, .s_valid, .s_ready,
    .step, .first, .group, .bank, .address, .data, .load_bank, .load_weight, .weight_address, .weight_column,
    .load_data, .sums,
    .m_data, .m_last, .m_mark, .m_valid, .m_ready
  );
endmodule
