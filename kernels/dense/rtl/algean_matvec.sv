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
  logic unused_w_ready, unused_error;

  algean_matvec_datapath #(
    .SIMD(SIMD), .PE(PE), .BITS(BITS), .WEIGHT_BITS(WEIGHT_BITS), .ACCUMULATOR_BITS(ACCUMULATOR_BITS),
    .DEPTH(DEPTH), .PACKED(PACKED), .LOADABLE(0), .LATENCY(LATENCY), .IMAGE(WEIGHTS)
  ) u_datapath (
    .clk, .step, .first, .group, .bank, .address, .data, .load(load_weight), .load_bank, .load_address(weight_address),
    .load_column(weight_column), .load_data, .sums
  );

  algean_matvec_frame #(
    .WORD(BITS * SIMD), .FOLDS(FOLDS), .ROUNDS(ROUNDS), .ONCE(0), .SUMS(PE), .LANES(LANES), .OUTPUTS(OUTPUTS),
    .BITS(BITS), .ACCUMULATOR_BITS(ACCUMULATOR_BITS), .ARITHMETIC(ARITHMETIC), .SHIFT_LOW(SHIFT_LOW),
    .SHIFT_HIGH(SHIFT_HIGH), .ZERO(ZERO), .LOW(LOW), .HIGH(HIGH), .LATENCY(LATENCY), .LOADABLE(0),
    .WEIGHT_WORD(WORD), .CONSTANTS(CONSTANTS)
  ) u_frame (
    .clk, .rst, .w_data('0), .w_last(1'b0), .w_valid(1'b0), .w_ready(unused_w_ready), .error(unused_error), .s_data, .s_last, .s_mark, .s_valid, .s_ready,
    .step, .first, .group, .bank, .address, .data, .load_bank, .load_weight, .weight_address, .weight_column,
    .load_data, .sums,
    .m_data, .m_last, .m_mark, .m_valid, .m_ready
  );
endmodule
