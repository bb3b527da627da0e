// algean_softmax's arithmetic `tflite` (kernels/activation/tflite_softmax.cpp): one multiplier that finds the
// reciprocal of the sum in three Newton steps, and then scales each exponential.
//
// `prepare` with `sum` (2^18..2^31 - 1): `prepared` 29 cycles later. `start` with `exponential`: `done` with y 4
// cycles later.
module algean_softmax_tflite (
  input  logic        clk,
  input  logic        rst,
  input  logic        prepare,
  input  logic [31:0] sum,
  output logic        prepared,
  input  logic        start,
  input  logic [31:0] exponential,
  output logic        done,
  output logic [7:0]  y
);

  localparam logic signed [31:0] Intercept = 32'sd1515870810;   // 48 / 17 in Q2.29
  localparam logic signed [31:0] Slope     = -32'sd1010580540;  // -32 / 17
  localparam logic signed [31:0] One       = 32'sd536870912;    // 1 in Q2.29

  logic [4:0]         headroom, headroom_q;
  logic [31:0]        normal;
  logic signed [31:0] half_q, x_q, error_q;            // denominator / 2 in Q0.31; the reciprocal, its error in Q2.29
  logic signed [31:0] left_q, right_q, high_q;         // srdhm(left, right) three cycles after both
  logic signed [63:0] product_q, rounded;
  logic [3:0]         walk_q;                          // where the product in the multiplier is
  logic [2:0]         step_q;                          // of the seven products of a reciprocal
  logic               reciprocal_q;                    // the product belongs to a reciprocal
  logic [5:0]         shift;
  logic [39:0]        steps;
  logic signed [31:0] high_times_4, x_times_2;         // saturated

  always_comb begin
    headroom = '0;
    for (int i = 0; i < 32; i++) if (sum[i]) headroom = 5'(31 - i);
  end
  assign high_times_4 = high_q[31:29] == {3{high_q[31]}} ? high_q <<< 2 : {high_q[31], {31{~high_q[31]}}};
  assign x_times_2    = x_q[31] == x_q[30] ? x_q <<< 1 : {x_q[31], {31{~x_q[31]}}};
  assign normal  = sum << headroom;
  assign rounded = product_q + 64'sd1073741824;
  assign shift   = 6'd35 - 6'(headroom_q);
  assign steps   = (40'(unsigned'(high_q)) + (40'd1 << (shift - 6'd1))) >> shift;

  always_ff @(posedge clk) begin
    product_q <= 64'(left_q) * 64'(right_q);
    high_q    <= 32'(rounded >>> 31);
    walk_q    <= {walk_q[2:0], 1'b0};
    prepared  <= 1'b0;
    done      <= 1'b0;
    if (prepare) begin
      headroom_q   <= headroom;
      half_q       <= signed'({1'b0, normal[31:1]});
      left_q       <= signed'({1'b0, normal[31:1]});
      right_q      <= Slope;
      step_q       <= '0;
      reciprocal_q <= 1'b1;
      walk_q       <= 4'd1;
    end else if (start) begin
      left_q       <= x_q;
      right_q      <= signed'(exponential);
      reciprocal_q <= 1'b0;
      walk_q       <= 4'd1;
    end else if (walk_q[2] && reciprocal_q) begin
      // high_q is the product: even steps mend x, odd ones find its error.
      step_q <= step_q + 1'b1;
      walk_q <= step_q == 3'd6 ? 4'd8 : 4'd0;
      if (step_q == '0) x_q <= Intercept + high_q;
      else if (step_q[0]) error_q <= One - high_q;
      else x_q <= x_q + high_times_4;
    end else if (walk_q == '0 && reciprocal_q) begin
      left_q  <= step_q[0] ? half_q : x_q;
      right_q <= step_q[0] ? x_q : error_q;
      walk_q  <= 4'd1;
    end else if (walk_q[3] && reciprocal_q) begin
      x_q          <= x_times_2;
      reciprocal_q <= 1'b0;
      prepared     <= 1'b1;
    end else if (walk_q[2]) begin
      y    <= steps > 40'd255 ? 8'd127 : {~steps[7], steps[6:0]};
      done <= 1'b1;
    end
    if (rst) begin
      walk_q       <= '0;
      reciprocal_q <= 1'b0;
    end
  end

  logic unused;
  assign unused = &{1'b0, normal[0], rounded[63], rounded[30:0]};

endmodule
