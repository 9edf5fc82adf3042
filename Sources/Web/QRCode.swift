import CQREncode

/// A QR code as SVG, one rectangle for each run of dark modules.
public enum QRCode {
    /// nil where the text is too long to encode.
    public static func svg(_ text: String, label: String) -> HTML? {
        guard let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) else { return nil }
        defer { QRcode_free(code) }
        let width = Int(code.pointee.width)
        guard width > 0, let data = code.pointee.data else { return nil }
        let modules = UnsafeBufferPointer(start: data, count: width * width)
        var h: HTML = """
            <svg class="qr" viewBox="0 0 \(width) \(width)" shape-rendering="crispEdges" role="img" aria-label="\(label)">
            """
        for y in 0..<width {
            var x = 0
            while x < width {
                // The lowest bit of a module says dark.
                guard modules[y * width + x] & 1 == 1 else {
                    x += 1
                    continue
                }
                var end = x
                while end < width, modules[y * width + end] & 1 == 1 { end += 1 }
                h += "<rect x=\"\(x)\" y=\"\(y)\" width=\"\(end - x)\" height=\"1\"/>"
                x = end
            }
        }
        return h + "</svg>"
    }
}
