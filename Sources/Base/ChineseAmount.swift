/// Amounts in Chinese capitals 金额大写, as they are written on vouchers so that nobody adds a stroke
/// (会计基础工作规范 § 52: 零 once for any row of noughts inside, 整 after full yuan or jiao).
public enum ChineseAmount {
    /// `肆仟捌佰陆拾元整` for 486000 minor units. Up to 10^16 minor units; nil beyond, and for negatives.
    public static func capitals(minor: Int64, traditional: Bool = false) -> String? {
        guard (0...9_999_999_999_999_999).contains(minor) else { return nil }
        let yuan = minor / 100
        let jiao = Int(minor / 10 % 10)
        let fen = Int(minor % 10)
        let digits = Array(traditional ? "零壹貳參肆伍陸柒捌玖" : "零壹贰叁肆伍陆柒捌玖")
        if minor == 0 { return "零元整" }
        var out = ""
        if yuan > 0 { out = whole(yuan, digits, traditional) + "元" }
        if jiao == 0, fen == 0 { return out + "整" }
        if jiao > 0 {
            // A nought at the end of the yuan, or a gap, is said once.
            if yuan > 0, yuan % 10 == 0 { out += "零" }
            out += String(digits[jiao]) + "角"
        } else if yuan > 0 {
            out += "零"
        }
        return fen > 0 ? out + String(digits[fen]) + "分" : out + "整"
    }

    private static func whole(_ value: Int64, _ digits: [Character], _ traditional: Bool) -> String {
        let groups: [String] = [
            "", traditional ? "萬" : "万", traditional ? "億" : "亿", traditional ? "萬億" : "万亿",
        ]
        var parts: [Int] = []
        var rest = value
        while rest > 0 {
            parts.append(Int(rest % 10_000))
            rest /= 10_000
        }
        var out = ""
        var gap = false
        for i in parts.indices.reversed() {
            guard parts[i] > 0 else {
                gap = !out.isEmpty
                continue
            }
            if !out.isEmpty, gap || parts[i] < 1000 { out += "零" }
            out += four(parts[i], digits) + (i < groups.count ? groups[i] : "")
            gap = false
        }
        return out
    }

    private static func four(_ value: Int, _ digits: [Character]) -> String {
        let units = ["仟", "佰", "拾", ""]
        let figures = [value / 1000, value / 100 % 10, value / 10 % 10, value % 10]
        var out = ""
        var gap = false
        for (figure, unit) in zip(figures, units) {
            if figure == 0 {
                gap = !out.isEmpty
                continue
            }
            if gap { out += "零" }
            out += String(digits[figure]) + unit
            gap = false
        }
        return out
    }
}
