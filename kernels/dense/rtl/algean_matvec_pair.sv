// Two sums of SIMD products that share their elements: sum of low[s] * x[s] and of high[s] * x[s], one multiplier for
// each s (Xilinx WP486).
//
// (high * 2^18 + low) * x holds both products: the low 18 bits are low * x in two's complement, and what is above is
// high * x less one where low * x is negative. That holds for sums of up to 7 such products of 8 by 8 bits, -128 * -128
// among them, so groups of 4 are added before they are parted.
//
// Legal: SIMD 1.., BITS and WEIGHT_BITS 2..8, SUM_BITS at least BITS + WEIGHT_BITS. The elements `x` come one cycle after
// `low` and `high`; the sums 3 + $clog2(SIMD) cycles after x, exact modulo 2^SUM_BITS.
module algean_matvec_pair #(
  parameter int unsigned SIMD = 4,
  parameter int unsigned BITS = 8,
  parameter int unsigned WEIGHT_BITS = 8,
  parameter int unsigned SUM_BITS = 18
) (
  input logic clk,
  input logic [SIMD*BITS-1:0] x,
  input logic [SIMD*WEIGHT_BITS-1:0] low,
  input logic [SIMD*WEIGHT_BITS-1:0] high,
  output logic [SUM_BITS-1:0] low_sum,
  output logic [SUM_BITS-1:0] high_sum
);
  localparam int unsigned LEVELS = $clog2(SIMD);
  localparam int unsigned EARLY = (LEVELS < 2) ? LEVELS : 2;  // levels before the parting
  localparam int unsigned GROUPS = (SIMD + 3) / 4;
  localparam int unsigned FIELD = 18;
  localparam int unsigned PB = FIELD + BITS + WEIGHT_BITS;  // of a product
  localparam int unsigned GB = PB + EARLY;
  localparam int unsigned HB = GB - FIELD;  // of a parted sum
  localparam int unsigned TB = (HB < SUM_BITS) ? HB : SUM_BITS;

  if (BITS < 2 || BITS > 8 || WEIGHT_BITS < 2 || WEIGHT_BITS > 8 || SUM_BITS < BITS + WEIGHT_BITS)
    $error("algean_matvec_pair: BITS and WEIGHT_BITS must be 2..8, SUM_BITS at least their sum");

  logic [SIMD*PB-1:0] products;
  for (genvar s = 0; s < SIMD; s++) begin : gen_product
    logic signed [BITS-1:0] element;
    logic signed [WEIGHT_BITS-1:0] low_weight, high_weight;
    logic signed [FIELD+WEIGHT_BITS:0] pair;
    logic signed [PB-1:0] product;
    assign element = x[BITS*s+:BITS];
    assign low_weight = low[WEIGHT_BITS*s+:WEIGHT_BITS];
    assign high_weight = high[WEIGHT_BITS*s+:WEIGHT_BITS];
    always_ff @(posedge clk) begin
      pair[FIELD-1:0] <= FIELD'(low_weight);
      pair[FIELD+WEIGHT_BITS:FIELD] <=
          (WEIGHT_BITS + 1)'(high_weight) - (WEIGHT_BITS + 1)'($unsigned(low_weight[WEIGHT_BITS-1]));
      product <= PB'(pair * element);
    end
    assign products[PB*s+:PB] = product;
  end

  logic [GROUPS*TB-1:0] low_terms, high_terms;
  for (genvar g = 0; g < GROUPS; g++) begin : gen_group
    localparam int unsigned COUNT = (SIMD - 4 * g < 4) ? SIMD - 4 * g : 4;
    logic [GB-1:0] sum;
    logic [HB-1:0] high_part;
    logic [TB-1:0] low_term, high_term;
    algean_adder_tree #(
      .COUNT(COUNT), .IN_BITS(PB), .OUT_BITS(GB), .LEVELS(EARLY)
    ) u_group (
      .clk, .terms(products[4*g*PB+:COUNT*PB]), .sum
    );
    assign high_part = sum[GB-1:FIELD] + HB'(sum[FIELD-1]);
    always_ff @(posedge clk) begin
      low_term <= TB'($signed(sum[FIELD-1:0]));
      high_term <= high_part[TB-1:0];
    end
    assign low_terms[g*TB+:TB] = low_term;
    assign high_terms[g*TB+:TB] = high_term;
  end

  algean_adder_tree #(
    .COUNT(GROUPS), .IN_BITS(TB), .OUT_BITS(SUM_BITS), .LEVELS(LEVELS - EARLY)
  ) u_low (
    .clk, .terms(low_terms), .sum(low_sum)
  );
  algean_adder_tree #(
    .COUNT(GROUPS), .IN_BITS(TB), .OUT_BITS(SUM_BITS), .LEVELS(LEVELS - EARLY)
  ) u_high (
    .clk, .terms(high_terms), .sum(high_sum)
  );
endmodule
