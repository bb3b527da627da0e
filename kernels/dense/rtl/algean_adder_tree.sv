// Sum of COUNT signed terms: pairs, pairs of pairs, ..., a register behind each addition.
//
// Terms of IN_BITS bits; the sum has OUT_BITS bits and is exact modulo 2^OUT_BITS. Legal: COUNT 1.., IN_BITS <= OUT_BITS,
// LEVELS at least $clog2(COUNT) (more delay it). A sum a cycle, latency LEVELS.
module algean_adder_tree #(
  parameter int unsigned COUNT = 4,
  parameter int unsigned IN_BITS = 16,
  parameter int unsigned OUT_BITS = 24,
  parameter int unsigned LEVELS = $clog2(COUNT)
) (
  input logic clk,
  input logic [COUNT*IN_BITS-1:0] terms,
  output logic [OUT_BITS-1:0] sum
);
  if (COUNT < 1 || LEVELS < $clog2(COUNT) || IN_BITS > OUT_BITS)
    $error("algean_adder_tree: COUNT 1.., LEVELS $clog2(COUNT).., IN_BITS ..OUT_BITS");

  localparam int unsigned LEFT = (COUNT + 1) / 2;
  localparam int unsigned RIGHT = COUNT - LEFT;
  // What the halves' sums need.
  localparam int unsigned HALF_BITS = (IN_BITS + $clog2(LEFT) < OUT_BITS) ? IN_BITS + $clog2(LEFT) : OUT_BITS;
  localparam int unsigned SUM_BITS = (HALF_BITS < OUT_BITS) ? HALF_BITS + 1 : OUT_BITS;

  if (LEVELS == 0) begin : gen_wire
    assign sum = OUT_BITS'($signed(terms));
    logic unused_clock;
    assign unused_clock = clk;
  end else if (COUNT == 1) begin : gen_delay
    logic [IN_BITS-1:0] held;
    algean_adder_tree #(
      .COUNT(1), .IN_BITS(IN_BITS), .OUT_BITS(IN_BITS), .LEVELS(LEVELS - 1)
    ) u_before (
      .clk, .terms, .sum(held)
    );
    always_ff @(posedge clk) sum <= OUT_BITS'($signed(held));
  end else begin : gen_add
    logic [HALF_BITS-1:0] left, right;
    logic [SUM_BITS-1:0] value;
    algean_adder_tree #(
      .COUNT(LEFT), .IN_BITS(IN_BITS), .OUT_BITS(HALF_BITS), .LEVELS(LEVELS - 1)
    ) u_left (
      .clk, .terms(terms[LEFT*IN_BITS-1:0]), .sum(left)
    );
    algean_adder_tree #(
      .COUNT(RIGHT), .IN_BITS(IN_BITS), .OUT_BITS(HALF_BITS), .LEVELS(LEVELS - 1)
    ) u_right (
      .clk, .terms(terms[COUNT*IN_BITS-1:LEFT*IN_BITS]), .sum(right)
    );
    always_ff @(posedge clk) value <= SUM_BITS'($signed(left)) + SUM_BITS'($signed(right));
    assign sum = OUT_BITS'($signed(value));
  end
endmodule
