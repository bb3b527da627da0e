// Matrix times vector, folded: y = requantise(bias + W x) for rows x of ELEMENTS elements and rows y of OUTPUTS codes.
//
// SIMD elements and PE outputs at once: F = ceil(ELEMENTS / SIMD) folds, N = ceil(OUTPUTS / PE) rounds, F * N cycles a
// row, rows without a gap (a buffer holds two rows). Neither SIMD nor PE need divide anything: the rest is weights of 0.
// Input: ELEMENTS elements a row in SIMD lanes. Output: OUTPUTS elements a row in LANES lanes, LANES the smallest
// divisor of PE with PE / LANES <= F.
//   BITS, WEIGHT_BITS    of elements and codes; of weights without their zero points, up to 9 (PACKED: 8)
//   ACCUMULATOR_BITS     hold bias + W x of every row; at least BITS + WEIGHT_BITS
//   PACKED               two outputs share a multiplier (algean_matvec_pair)
//   ARITHMETIC, SHIFT_*, ZERO, LOW, HIGH   of the requantisation (algean_requantise)
//   WEIGHTS, CONSTANTS   files: word n * F + f of N * F has the weight of output n * PE + p for element f * SIMD + s from
//                        bit WEIGHT_BITS * (p * SIMD + s) on; constants as in algean_requantise
// Legal: SIMD <= ELEMENTS, PE <= OUTPUTS. Multipliers: SIMD * PE (PACKED: SIMD * ceil(PE / 2)) and LANES (tflite: up to
// 4 * LANES) for requantisation.
// Latency, from the first beat of a row to the last one of its output, all sides willing: F + F * N + 11 (tflite: 13) +
// $clog2(SIMD) (one more where PACKED) + the beats of the last round. s_ready and m_valid come from registers.
module algean_matvec #(
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
  parameter int signed SHIFT_HIGH = 30,
  parameter int signed ZERO = 0,
  parameter int signed LOW = -128,
  parameter int signed HIGH = 127,
  parameter WEIGHTS = "",
  parameter CONSTANTS = ""
) (
  input logic clk,
  input logic rst,
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
  logic unused_w_ready, unused_error;

  algean_matvec_loadable #(
    .LOADABLE(0), .ELEMENTS(ELEMENTS), .OUTPUTS(OUTPUTS), .SIMD(SIMD), .PE(PE), .LANES(LANES), .BITS(BITS),
    .WEIGHT_BITS(WEIGHT_BITS), .ACCUMULATOR_BITS(ACCUMULATOR_BITS), .PACKED(PACKED), .ARITHMETIC(ARITHMETIC),
    .SHIFT_LOW(SHIFT_LOW), .SHIFT_HIGH(SHIFT_HIGH), .ZERO(ZERO), .LOW(LOW), .HIGH(HIGH), .WEIGHTS(WEIGHTS),
    .CONSTANTS(CONSTANTS)
  ) u_unit (
    .clk, .rst, .w_data('0), .w_last(1'b0), .w_valid(1'b0), .w_ready(unused_w_ready), .error(unused_error), .s_data,
    .s_last, .s_mark, .s_valid, .s_ready, .m_data, .m_last, .m_mark, .m_valid, .m_ready
  );
endmodule
