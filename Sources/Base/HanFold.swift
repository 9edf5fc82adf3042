import Foundation

/// Traditional Chinese characters in their simplified form, so that a search finds a text in whichever of
/// the two scripts either was written. By characters, not by terms: 軟體 is found as 软体, not as 软件.
enum HanFold {
    static let range: ClosedRange<UInt32> = 0x4E00...0x9FFF

    /// The form of each character of the range. Made at the first use, out of ICU's transform
    /// `Traditional-Simplified`; it takes some 40 ms, once a process.
    private static let table: [UInt16] = {
        func form(_ value: UInt32) -> UInt32 {
            guard let s = Unicode.Scalar(value),
                let made = String(s).applyingTransform(StringTransform("Hant-Hans"), reverse: false),
                made.unicodeScalars.count == 1, let one = made.unicodeScalars.first, range.contains(one.value)
            else { return value }
            return one.value
        }
        let once = range.map(form)
        // What a form is itself folded to, so that folding again changes nothing.
        return once.map { UInt16(truncatingIfNeeded: once[Int($0 - range.lowerBound)]) }
    }()

    static func simplified(_ s: Unicode.Scalar) -> Unicode.Scalar {
        guard range.contains(s.value) else { return s }
        return Unicode.Scalar(table[Int(s.value - range.lowerBound)]) ?? s
    }
}
