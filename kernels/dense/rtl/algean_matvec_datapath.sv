// Products and sums of algean_matvec: PE sums of SIMD products a cycle.
//
//   step     in this cycle `address` names a word of weights; `data` (SIMD elements) comes one cycle later
//   first, group   with step: the fold is the first of its sums, the last
//   sums     PE sums, LATENCY cycles after the step of their last fold, for as long as no other fold arrives
// Weights: word `address` holds the weight of sum p and lane s from bit WEIGHT_BITS * (p * SIMD + s) on (IMAGE, or where
// LOADABLE written through load_*, see algean_constant_memory). Sums are exact modulo 2^ACCUMULATOR_BITS.
//
// PACKED: sums 2q and 2q+1 share a multiplier, (w1 * 2^18 + w0) * x. The low 18 bits hold x * w0 exactly (up to 7 such
// products of 8 by 8 bits), borrowing from the high ones where it is negative; adding bit 17 back gives x * w1. The
// first levels of the tree add up to 4 products before they are parted. Needs BITS and WEIGHT_BITS of at most 8.
//
// Legal: sizes 1.., DEPTH words of weights, BITS + WEIGHT_BITS <= 27 (PACKED: 8 each at most), LATENCY 4 +
// $clog2(SIMD), one more where PACKED. twin/algean_matvec_datapath.sv has the same ports and cycles, for simulation.
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
  localparam int unsigned LEVELS = $clog2(SIMD);
  localparam int unsigned PB = BITS + WEIGHT_BITS;
  localparam int unsigned TB = (PB + LEVELS < ACCUMULATOR_BITS) ? PB + LEVELS : ACCUMULATOR_BITS;
  localparam int unsigned TREE_AT = (PACKED != 0) ? 3 + LEVELS + 1 : 3 + LEVELS;  // cycles from step to the tree's sum

  if (LATENCY != TREE_AT + 1) $error("algean_matvec_datapath: LATENCY must be 4 + clog2(SIMD), one more where PACKED");
  if (PACKED != 0 && (BITS > 8 || WEIGHT_BITS > 8))
    $error("algean_matvec_datapath: PACKED takes elements and weights of at most 8 bits");
  if (PB > 27) $error("algean_matvec_datapath: BITS + WEIGHT_BITS must be at most 27");
  if (TB < PB) $error("algean_matvec_datapath: ACCUMULATOR_BITS must be at least BITS + WEIGHT_BITS");

  logic [WORD-1:0] word;
  logic [SIMD*BITS-1:0] x;
  logic [TREE_AT-1:0] step_at, first_at;
  algean_constant_memory #(
    .WORD(WORD), .DEPTH(DEPTH), .LOADABLE(LOADABLE), .ULTRA(ULTRA), .IMAGE(IMAGE)
  ) u_weights (
    .clk, .bank, .address, .word, .load, .load_bank, .load_address, .load_column, .load_data
  );
  always_ff @(posedge clk) begin
    x <= data;
    step_at <= {step_at[TREE_AT-2:0], step};
    first_at <= {first_at[TREE_AT-2:0], first};
  end

  logic unused_group;
  assign unused_group = group;  // for the twin

  logic [PE*TB-1:0] tree;
  if (PACKED != 0) begin : gen_packed
    for (genvar q = 0; q < (PE + 1) / 2; q++) begin : gen_pair
      localparam int unsigned PAIR = (2 * q + 1 < PE) ? 1 : 0;
      logic [SIMD*WEIGHT_BITS-1:0] low, high;
      logic [TB-1:0] low_sum, high_sum;
      assign low = word[2*q*SIMD*WEIGHT_BITS+:SIMD*WEIGHT_BITS];
      if (PAIR != 0) begin : gen_high
        assign high = word[(2*q+1)*SIMD*WEIGHT_BITS+:SIMD*WEIGHT_BITS];
        assign tree[(2*q+1)*TB+:TB] = high_sum;
      end else begin : gen_alone
        logic unused_high;
        assign high = '0;
        assign unused_high = &{1'b0, high_sum};
      end
      assign tree[2*q*TB+:TB] = low_sum;
      algean_matvec_pair #(
        .SIMD(SIMD), .BITS(BITS), .WEIGHT_BITS(WEIGHT_BITS), .SUM_BITS(TB)
      ) u_pair (
        .clk, .x, .low, .high, .low_sum, .high_sum
      );
    end
  end else begin : gen_plain
    logic [WORD-1:0] weights;
    always_ff @(posedge clk) weights <= word;
    for (genvar p = 0; p < PE; p++) begin : gen_sum
      logic [SIMD*PB-1:0] products;
      for (genvar s = 0; s < SIMD; s++) begin : gen_product
        logic signed [BITS-1:0] element;
        logic signed [WEIGHT_BITS-1:0] weight;
        logic signed [PB-1:0] product;
        assign element = x[BITS*s+:BITS];
        assign weight = weights[WEIGHT_BITS*(p*SIMD+s)+:WEIGHT_BITS];
        always_ff @(posedge clk) product <= element * weight;
        assign products[PB*s+:PB] = product;
      end
      algean_adder_tree #(
        .COUNT(SIMD), .IN_BITS(PB), .OUT_BITS(TB), .LEVELS(LEVELS)
      ) u_tree (
        .clk, .terms(products), .sum(tree[p*TB+:TB])
      );
    end
  end

  for (genvar p = 0; p < PE; p++) begin : gen_accumulator
    logic [ACCUMULATOR_BITS-1:0] term, sum;
    assign term = ACCUMULATOR_BITS'($signed(tree[p*TB+:TB]));
    always_ff @(posedge clk) begin
      if (step_at[TREE_AT-1]) sum <= first_at[TREE_AT-1] ? term : sum + term;
    end
    assign sums[p*ACCUMULATOR_BITS+:ACCUMULATOR_BITS] = sum;
  end
endmodule
