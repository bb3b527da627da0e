// What algean_kernel counts, from what happens at input 0 and output 0 of the circuit within it.
//
// busy: cycles with an inference under way, from its first beat at input 0 to its last beat at output 0, or with a marker
// inside. Each counter begins at 0 again behind `clear`.
module algean_kernel_counters (
    input  logic        clk,
    input  logic        rst,
    input  logic        clear,
    input  logic        marker_enters,
    input  logic        in_moves,       // a beat at input 0
    input  logic        in_last,
    input  logic        in_mark,
    input  logic        out_moves,      // a beat at output 0
    input  logic        out_last,
    input  logic        out_mark,
    input  logic        stalls,         // counted as they are
    input  logic        starves,
    input  logic        bus_error,      // may come together
    input  logic        load_error,
    input  logic        circuit_error,
    output logic        under_way,
    output logic        marker_inside,
    output logic [63:0] cycles,
    output logic [63:0] busy,
    output logic [63:0] stall,
    output logic [63:0] starve,
    output logic [31:0] inferences,
    output logic [31:0] errors
);

  // Inferences that have begun and not ended, of two phases: markers part them, and at most one marker is inside. A marker
  // may leave output 0 before input 0 is done with it.
  logic [15:0] even, odd;
  logic in_phase, out_phase, in_middle;
  logic begins, ends, leaves;

  assign begins    = in_moves && !in_mark && !in_middle;
  assign ends      = out_moves && out_last && !out_mark;
  assign leaves    = out_moves && out_mark;
  assign under_way = even != '0 || odd != '0 || begins || marker_inside;

  always_ff @(posedge clk) begin
    if (in_moves) begin
      in_middle <= !in_last;
      in_phase  <= in_phase ^ in_mark;
    end
    even <= even + {15'b0, begins && !in_phase} - {15'b0, ends && !out_phase};
    odd  <= odd + {15'b0, begins && in_phase} - {15'b0, ends && out_phase};
    if (leaves) begin
      if (out_phase) odd <= '0;
      else even <= '0;
      out_phase     <= !out_phase;
      marker_inside <= 1'b0;
    end
    if (marker_enters) marker_inside <= 1'b1;

    cycles     <= cycles + 1'b1;
    busy       <= busy + {63'b0, under_way};
    stall      <= stall + {63'b0, stalls};
    starve     <= starve + {63'b0, starves};
    inferences <= inferences + {31'b0, ends};
    errors     <= errors + {31'b0, bus_error} + {31'b0, load_error} + {31'b0, circuit_error};
    if (clear || rst) begin
      cycles     <= '0;
      busy       <= '0;
      stall      <= '0;
      starve     <= '0;
      inferences <= '0;
      errors     <= '0;
    end
    if (rst) begin
      in_middle     <= 1'b0;
      marker_inside <= 1'b0;
      in_phase      <= 1'b0;
      out_phase     <= 1'b0;
      even          <= '0;
      odd           <= '0;
    end
  end

endmodule
