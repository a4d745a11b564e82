/** A text, and what `python3 -c "lzma.compress(text, format=lzma.FORMAT_ALONE)"` makes of it, as base64. */
export const LZMA_TEXT =
  'lzma sample text, lzma sample text again and again. '.repeat(8) +
  Array.from({ length: 400 }, (_, index) => String.fromCharCode(33 + ((index * index * 7 + index) % 90))).join('');

export const LZMA_STREAM = [
  'XQAAgAD//////////wA2HondfUlyBUyvooekRIz6Wx4wXZ1Y34CY4MsyeIaCriBe2vGtRvW95Lmn5BEkf8uJdMsEdtxnHICBGMXF',
  '7FH8BqTI6mC/CuqmLS68B5ERGK/JL23nZdLw5YSSOY3//ilUAA==',
].join('');
