// From any lanes to any lanes; rows may change their length too (a reshape): elements keep their order.
//
// Parameters: BITS 1.. (of an element); ROWS 1.. (input rows of an inference); IN_ELEMENTS 1.. (of an input row);
//             OUT_ELEMENTS 1.. (of an output row; ROWS * IN_ELEMENTS is a multiple of it); IN_LANES 1.., OUT_LANES 1..
// Cycles:     a beat a cycle on the side that has more of them.
// Forms:      elements that always travel together are moved as one granule of BITS * GRANULE bits; then
//             both sides 1 granule a beat         wires
//             output 1 granule a beat (narrower)  a multiplexer before the output, latency 0
//             input 1 granule a beat (wider)      a register a granule, latency 1 after the last granule
//             else                                a store of IN + OUT - 1 granules with shifts, latency 1
// A marker drops what is held of an incomplete inference.
module algean_repack #(
    parameter int unsigned BITS         = 8,
    parameter int unsigned ROWS         = 1,
    parameter int unsigned IN_ELEMENTS  = 6,
    parameter int unsigned IN_LANES     = 2,
    parameter int unsigned OUT_ELEMENTS = 6,
    parameter int unsigned OUT_LANES    = 3
) (
    input  logic                      clk,
    input  logic                      rst,
    input  logic [ BITS*IN_LANES-1:0] s_data,
    input  logic                      s_last,
    input  logic                      s_mark,
    input  logic                      s_valid,
    output logic                      s_ready,
    output logic [BITS*OUT_LANES-1:0] m_data,
    output logic                      m_last,
    output logic                      m_mark,
    output logic                      m_valid,
    input  logic                      m_ready
);

  function automatic int unsigned gcd(input int unsigned a, input int unsigned b);
    int unsigned x, y, rest;
    x = a;
    y = b;
    while (y != 0) begin
      rest = x % y;
      x    = y;
      y    = rest;
    end
    gcd = x;
  endfunction

  if (BITS < 1 || ROWS < 1 || IN_ELEMENTS < 1 || OUT_ELEMENTS < 1 || IN_LANES < 1 || OUT_LANES < 1)
    $error("algean_repack: every parameter is at least 1");
  else if (ROWS * IN_ELEMENTS % OUT_ELEMENTS != 0)
    $error("algean_repack: ROWS * IN_ELEMENTS is a multiple of OUT_ELEMENTS");

  // Where rows stay, zeros behind a row's last element may travel with it.
  localparam int unsigned LANES_GCD = gcd(IN_LANES, OUT_LANES);
  localparam int unsigned GRANULE =
      IN_ELEMENTS == OUT_ELEMENTS ? LANES_GCD : gcd(LANES_GCD, gcd(IN_ELEMENTS, OUT_ELEMENTS));
  localparam int unsigned WIDTH = BITS * GRANULE;
  localparam int unsigned IN = IN_LANES / GRANULE;  // granules of a beat
  localparam int unsigned OUT = OUT_LANES / GRANULE;
  localparam int unsigned IN_ROW = (IN_ELEMENTS + GRANULE - 1) / GRANULE;  // granules of a row
  localparam int unsigned OUT_ROW = (OUT_ELEMENTS + GRANULE - 1) / GRANULE;

  if (IN == 1 && OUT == 1) begin : gen_wires
    assign m_data  = s_data;
    assign m_last  = s_last;
    assign m_mark  = s_mark;
    assign m_valid = s_valid;
    assign s_ready = m_ready;
    // A beat without a register needs no clock.
    logic unused;
    assign unused = &{1'b0, clk, rst};
  end else if (OUT == 1) begin : gen_narrow
    algean_repack_narrow #(
        .WIDTH(WIDTH),
        .IN(IN),
        .IN_ROW(IN_ROW)
    ) i_narrow (
        .*
    );
  end else if (IN == 1) begin : gen_wide
    algean_repack_wide #(
        .WIDTH(WIDTH),
        .OUT(OUT),
        .OUT_ROW(OUT_ROW)
    ) i_wide (
        .*
    );
  end else begin : gen_gearbox
    algean_repack_gearbox #(
        .WIDTH(WIDTH),
        .IN(IN),
        .IN_ROW(IN_ROW),
        .OUT(OUT),
        .OUT_ROW(OUT_ROW)
    ) i_gearbox (
        .*
    );
  end

endmodule
