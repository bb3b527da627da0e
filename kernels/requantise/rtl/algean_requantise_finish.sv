// The end of a requantisation: y = clamp(ZERO + ((halves + 1) >> 1), LOW, HIGH).
//
// `halves` is first saturated to BITS + 3 bits: what it loses, the clamp would not see. Legal: IN_BITS > BITS + 3,
// -2^(BITS-1) <= LOW <= HIGH < 2^(BITS-1), ZERO within BITS bits. A value a cycle, latency 2.
module algean_requantise_finish #(
  parameter int unsigned IN_BITS = 32,
  parameter int unsigned BITS = 8,
  parameter int signed ZERO = 0,
  parameter int signed LOW = -128,
  parameter int signed HIGH = 127
) (
  input logic clk,
  input logic signed [IN_BITS-1:0] halves,
  output logic [BITS-1:0] y
);
  localparam int unsigned NB = BITS + 3;
  if (IN_BITS <= NB) $error("algean_requantise_finish: IN_BITS must be above BITS + 3");
  if (LOW > HIGH || LOW < -(1 << (BITS - 1)) || HIGH >= (1 << (BITS - 1)))
    $error("algean_requantise_finish: LOW and HIGH must be codes of BITS bits, LOW first");
  if (ZERO < -(1 << (BITS - 1)) || ZERO >= (1 << (BITS - 1)))
    $error("algean_requantise_finish: ZERO must be a code of BITS bits");

  logic signed [NB-1:0] narrow, value;
  logic fits;
  assign fits = &halves[IN_BITS-1:NB-1] || !(|halves[IN_BITS-1:NB-1]);
  assign value = $signed(NB'(ZERO)) + ((narrow >>> 1) + $signed(NB'({1'b0, narrow[0]})));
  always_ff @(posedge clk) begin
    narrow <= fits ? halves[NB-1:0] : {halves[IN_BITS-1], {(NB - 1) {!halves[IN_BITS-1]}}};
    y <= (value < $signed(NB'(LOW))) ? BITS'(LOW) : (value > $signed(NB'(HIGH))) ? BITS'(HIGH) : value[BITS-1:0];
  end
endmodule
