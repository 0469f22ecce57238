# Draws what `tmux capture-pane -e -p` prints as an SVG picture: bold, dim and yellow as the terminal has them.
#
#   LC_ALL=C awk -v columns=112 -f terminal.awk CAPTURE > PICTURE

function escaped(text) {
  gsub(/&/, "\\&amp;", text)
  gsub(/</, "\\&lt;", text)
  gsub(/>/, "\\&gt;", text)
  gsub(/ /, "\\&#160;", text) # those at an end would be lost
  return text
}

# Every stretch of one style has its place and its length, so that columns stand below each other in whatever font there is.
function stretch(text,   letters, count) {
  letters = text
  gsub(/[\200-\277]/, "", letters) # bytes that go on with a letter
  count = length(letters)
  if (text ~ /[^ ]/) {
    body = body sprintf("<text x=\"%.1f\" y=\"%d\" textLength=\"%.1f\"%s>%s</text>\n", left + column * width, top + row * height,
        count * width, bold (yellow ? " fill=\"#e5b454\"" : dim ? " fill=\"#8b949e\"" : ""), escaped(text))
  }
  column += count
}

function style(codes,   parts, count, i) {
  count = split(codes, parts, ";")
  if (count == 0) parts[count = 1] = "0"
  for (i = 1; i <= count; i++) {
    if (parts[i] == "0") { bold = ""; dim = 0; yellow = 0 }
    if (parts[i] == "1") bold = " font-weight=\"bold\""
    if (parts[i] == "2") dim = 1
    if (parts[i] == "33") yellow = 1
    if (parts[i] == "39") yellow = 0
  }
}

BEGIN { width = 7.8; height = 19; left = 16; top = 50 }

{
  column = 0
  line = $0
  while (match(line, /\033\[[0-9;]*m/)) {
    stretch(substr(line, 1, RSTART - 1))
    style(substr(line, RSTART + 2, RLENGTH - 3))
    line = substr(line, RSTART + RLENGTH)
  }
  stretch(line)
  if (column > 0) last = row
  row++
}

END {
  w = 2 * left + columns * width
  h = top + last * height + 18
  printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n", w, h, w, h
  printf "<rect width=\"%d\" height=\"%d\" rx=\"8\" fill=\"#14171b\"/>\n", w, h
  for (i = 0; i < 3; i++) printf "<circle cx=\"%d\" cy=\"17\" r=\"5\" fill=\"#3b424b\"/>\n", 20 + 17 * i
  printf "<g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"13\""
  printf " fill=\"#e5e7ea\" xml:space=\"preserve\">\n%s</g>\n</svg>\n", body
}
