// algean_softmax's arithmetic `scaled`: y = min(127, (256 * E + (S >> 1)) / S - 128), a bit of the quotient a cycle.
//
// Parameters: SUM_BITS of S, 21..53.
// `prepare` with `sum`: `prepared` in the same cycle. `start` with `exponential`: `done` with y 10 cycles later.
module algean_softmax_scaled #(
  parameter int unsigned SUM_BITS = 31
) (
  input  logic                clk,
  input  logic                rst,
  input  logic                prepare,
  input  logic [SUM_BITS-1:0] sum,
  output logic                prepared,
  input  logic                start,
  input  logic [31:0]         exponential,
  output logic                done,
  output logic [7:0]          y
);

  if (SUM_BITS < 21 || SUM_BITS > 53) $error("algean_softmax_scaled: SUM_BITS must lie in 21..53");

  localparam int unsigned Bits = SUM_BITS + 10;

  logic [Bits-1:0] rest_q, divisor, left;
  logic [8:0]      quotient_q;
  logic [9:0]      steps_q;  // a bit that walks along the quotient's nine
  logic            fits;

  assign prepared = prepare;
  assign divisor  = Bits'(sum) << 8;
  assign fits     = rest_q >= divisor;
  assign left     = rest_q - divisor;

  always_ff @(posedge clk) begin
    steps_q <= rst ? '0 : {steps_q[8:0], start};
    if (start) begin
      rest_q <= (Bits'(exponential) << 8) + Bits'(sum[SUM_BITS-1:1]);
    end else begin
      rest_q     <= (fits ? left : rest_q) << 1;
      quotient_q <= {quotient_q[7:0], fits};
    end
  end

  assign done = steps_q[9];
  assign y    = quotient_q[8] ? 8'd127 : {~quotient_q[7], quotient_q[6:0]};

endmodule
