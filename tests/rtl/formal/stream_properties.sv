// What any module that moves elements from one stream to another keeps to, whatever its writer and readers do, for the
// streams s and m_0 .. of a module. The writer keeps to kernels/stream/README.md: that is assumed.
//
// Element `element` since marker `marker_number` (both any constants) is followed on either side. Before it is given, it was
// taken; it is the same; pad lanes are zero; ends of tensors come where they belong; no marker is lost, doubled or early.
module stream_properties #(
    parameter int unsigned BITS = 2,
    parameter int unsigned IN_TOTAL = 6,  // elements of an inference
    parameter int unsigned IN_ELEMENTS = 6,
    parameter int unsigned IN_LANES = 2,
    parameter int unsigned OUT_ELEMENTS = 6,
    parameter int unsigned OUT_LANES = 2
) (
    input logic                      clk,
    input logic                      rst,
    input logic [ BITS*IN_LANES-1:0] s_data,
    input logic                      s_last,
    input logic                      s_mark,
    input logic                      s_valid,
    input logic                      s_ready,
    input logic [BITS*OUT_LANES-1:0] m_data,
    input logic                      m_last,
    input logic                      m_mark,
    input logic                      m_valid,
    input logic                      m_ready
);

  (* anyconst *) logic [3:0] element;
  (* anyconst *) logic [1:0] marker_number;

  // Of each side: markers, elements since marker `marker_number` began, place in the row and in the tensor.
  logic [7:0] s_markers, s_count, s_column, s_place;
  logic [7:0] m_markers, m_count, m_column, m_place;
  logic [7:0] complete;  // of s_count, those of whole tensors
  logic [BITS-1:0] taken;
  logic has_taken;

  logic [7:0] s_width, m_width;
  assign s_width = IN_ELEMENTS - s_column < IN_LANES ? IN_ELEMENTS - s_column : IN_LANES;
  assign m_width = OUT_ELEMENTS - m_column < OUT_LANES ? OUT_ELEMENTS - m_column : OUT_LANES;

  // First cycle: reset, and never again.
  logic first = 1'b1;
  always @(posedge clk) first <= 1'b0;
  always @* assume (rst == first);

  // The writer: a beat stays until it is taken; ends and markers as they belong.
  logic was_offered, was_waiting;
  logic [BITS*IN_LANES+1:0] offered;
  logic [BITS*OUT_LANES+1:0] waiting;
  always @(posedge clk) begin
    was_offered <= !rst && s_valid && !s_ready;
    was_waiting <= !rst && m_valid && !m_ready;
    offered <= {s_data, s_last, s_mark};
    waiting <= {m_data, m_last, m_mark};
    if (!first && !rst) begin
      if (was_offered) assume (s_valid && offered == {s_data, s_last, s_mark});
      if (s_valid) assume (s_last == (s_mark || s_place + s_width == IN_TOTAL));
      if (s_valid && s_mark) assume (s_data == '0);
      if (was_waiting) assert (m_valid && waiting == {m_data, m_last, m_mark});
      if (m_valid) assert (m_last == (m_mark || m_place + m_width == IN_TOTAL));
      if (m_valid && m_mark) assert (m_data == '0 && m_markers < s_markers + (s_valid && s_mark));
    end
  end

  always @(posedge clk) begin
    if (s_valid && s_ready) begin
      s_column <= s_mark || s_column + s_width == IN_ELEMENTS ? '0 : s_column + s_width;
      s_place  <= s_last ? '0 : s_place + s_width;
      if (s_mark) s_markers <= s_markers + 1'b1;
      else if (s_markers == marker_number) begin
        s_count <= s_count + s_width;
        if (s_last) complete <= s_count + s_width;
      end
    end
    if (m_valid && m_ready) begin
      m_column <= m_mark || m_column + m_width == OUT_ELEMENTS ? '0 : m_column + m_width;
      m_place  <= m_last ? '0 : m_place + m_width;
      if (m_mark) m_markers <= m_markers + 1'b1;
      else if (m_markers == marker_number) m_count <= m_count + m_width;
      // A marker leaves behind all output of whole tensors.
      if (!rst && m_mark && m_markers == marker_number) assert (m_count >= complete);
    end
    if (rst) begin
      {s_markers, s_count, s_column, s_place} <= '0;
      {m_markers, m_count, m_column, m_place} <= '0;
      complete <= '0;
    end
  end

  // The element followed: as taken in this cycle or before.
  logic [BITS-1:0] now;
  logic has_now;
  integer i;
  always @* begin
    now = taken;
    has_now = has_taken;
    for (i = 0; i < IN_LANES; i = i + 1) begin
      if (s_valid && !s_mark && s_markers == marker_number && i < s_width && s_count + i == element && !has_taken) begin
        now = s_data[i*BITS+:BITS];
        has_now = 1'b1;
      end
    end
  end
  always @(posedge clk) begin
    if (s_valid && s_ready) begin
      taken <= now;
      has_taken <= has_now;
    end
    if (rst) has_taken <= 1'b0;
  end

  genvar g;
  for (g = 0; g < OUT_LANES; g = g + 1) begin : gen_lane
    always @(posedge clk) begin
      if (!first && !rst && m_valid && !m_mark) begin
        if (g >= m_width) assert (m_data[g*BITS+:BITS] == '0);
        else if (m_markers == marker_number && m_count + g == element)
          assert (has_now && m_data[g*BITS+:BITS] == now);
      end
    end
  end

endmodule
