// Products and sums of algean_depthwise: each of LANES channels times MULTIPLIER weights a cycle.
//
// Ports and timing as in algean_matvec_datapath, LATENCY 4. Weights: word `address` holds the weight of sum l * MULTIPLIER
// + j, which takes lane l, from bit WEIGHT_BITS * (l * MULTIPLIER + j) on. Sums are exact modulo 2^ACCUMULATOR_BITS.
// Legal: sizes 1.., BITS + WEIGHT_BITS at most ACCUMULATOR_BITS and 27.
module algean_depthwise_datapath #(
  parameter int unsigned LANES = 2,
  parameter int unsigned MULTIPLIER = 1,
  parameter int unsigned BITS = 8,
  parameter int unsigned WEIGHT_BITS = 8,
  parameter int unsigned ACCUMULATOR_BITS = 24,
  parameter int unsigned DEPTH = 9,
  parameter int unsigned LOADABLE = 0,
  parameter int unsigned ULTRA = 0,
  parameter IMAGE = "",
  localparam int unsigned SUMS = LANES * MULTIPLIER,
  localparam int unsigned WORD = SUMS * WEIGHT_BITS,
  localparam int unsigned AB = (DEPTH > 1) ? $clog2(DEPTH) : 1,
  localparam int unsigned KB = (WORD > 64) ? $clog2((WORD + 63) / 64) : 1
) (
  input logic clk,
  input logic step,
  input logic first,
  input logic bank,
  input logic [AB-1:0] address,
  input logic [LANES*BITS-1:0] data,
  input logic load,
  input logic load_bank,
  input logic [AB-1:0] load_address,
  input logic [KB-1:0] load_column,
  input logic [63:0] load_data,
  output logic [SUMS*ACCUMULATOR_BITS-1:0] sums
);
  localparam int unsigned PB = BITS + WEIGHT_BITS;
  if (LANES < 1 || MULTIPLIER < 1) $error("algean_depthwise_datapath: sizes must be at least 1");
  if (PB > 27 || PB > ACCUMULATOR_BITS)
    $error("algean_depthwise_datapath: BITS + WEIGHT_BITS must be at most 27 and ACCUMULATOR_BITS");

  logic [WORD-1:0] word, weights;
  logic [LANES*BITS-1:0] x;
  logic [2:0] step_at, first_at;
  algean_constant_memory #(
    .WORD(WORD), .DEPTH(DEPTH), .LOADABLE(LOADABLE), .ULTRA(ULTRA), .IMAGE(IMAGE)
  ) u_weights (
    .clk, .bank, .address, .word, .load, .load_bank, .load_address, .load_column, .load_data
  );
  always_ff @(posedge clk) begin
    weights <= word;
    x <= data;
    step_at <= {step_at[1:0], step};
    first_at <= {first_at[1:0], first};
  end

  for (genvar p = 0; p < SUMS; p++) begin : gen_sum
    logic signed [BITS-1:0] element;
    logic signed [WEIGHT_BITS-1:0] weight;
    logic signed [PB-1:0] product;
    logic [ACCUMULATOR_BITS-1:0] sum;
    assign element = x[BITS*(p/MULTIPLIER)+:BITS];
    assign weight = weights[WEIGHT_BITS*p+:WEIGHT_BITS];
    always_ff @(posedge clk) begin
      product <= element * weight;
      if (step_at[2]) sum <= (first_at[2] ? '0 : sum) + ACCUMULATOR_BITS'(product);
    end
    assign sums[p*ACCUMULATOR_BITS+:ACCUMULATOR_BITS] = sum;
  end
endmodule
