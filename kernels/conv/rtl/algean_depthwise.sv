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
  logic unused_w_ready, unused_error;

  algean_depthwise_loadable #(
    .LOADABLE(0), .CHANNELS(CHANNELS), .MULTIPLIER(MULTIPLIER), .TAPS(TAPS), .LANES(LANES), .OUT_LANES(OUT_LANES),
    .BITS(BITS), .WEIGHT_BITS(WEIGHT_BITS), .ACCUMULATOR_BITS(ACCUMULATOR_BITS), .ARITHMETIC(ARITHMETIC),
    .SHIFT_LOW(SHIFT_LOW), .SHIFT_HIGH(SHIFT_HIGH), .ZERO(ZERO), .LOW(LOW), .HIGH(HIGH), .WEIGHTS(WEIGHTS),
    .CONSTANTS(CONSTANTS)
  ) u_unit (
    .clk, .rst, .w_data('0), .w_last(1'b0), .w_valid(1'b0), .w_ready(unused_w_ready), .error(unused_error), .s_data,
    .s_last, .s_mark, .s_valid, .s_ready, .m_data, .m_last, .m_mark, .m_valid, .m_ready
  );
endmodule
