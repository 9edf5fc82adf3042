/// Amounts of money as people write and read them. Kept and computed they are integers of the currency's
/// smallest unit, never fractions.
public enum Money {
    /// Whether it is the code of a currency in use (ISO 4217, as of 2025; metals, funds and test codes left
    /// out).
    public static func isCurrency(_ code: String) -> Bool { currencies.contains(code) }

    private static let currencies = Set(
        """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD
        CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF
        GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK
        LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD
        OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN
        SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF
        XPF YER ZAR ZMW ZWG
        """.split(whereSeparator: \.isWhitespace).map { String($0) })

    /// Decimals of a currency (ISO 4217); two where it is not one of the exceptions.
    public static func decimals(_ currency: String) -> Int {
        switch currency {
        case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF",
            "XOF", "XPF":
            0
        case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND": 3
        default: 2
        }
    }

    /// `¥ 38,600.00`, `USD 1,200.50`, on one line wherever it stands; `isShort` leaves out decimals that are
    /// all zero.
    public static func text(_ minor: Int64, _ currency: String, isShort: Bool = false) -> String {
        let sign = currency == "CNY" ? "¥\u{A0}" : currency.isEmpty ? "" : currency + "\u{A0}"
        return (minor < 0 ? "−" : "") + sign + number(minor.magnitude, decimals(currency), ",", isShort)
    }

    /// A whole number as people read it: `15,330`.
    public static func grouped(_ n: Int64) -> String {
        (n < 0 ? "−" : "") + number(n.magnitude, 0, ",", true)
    }

    private static func number(_ minor: UInt64, _ places: Int, _ group: String, _ isShort: Bool) -> String {
        var digits = String(minor)
        if digits.count <= places {
            digits = String(repeating: "0", count: places + 1 - digits.count) + digits
        }
        let whole = digits.dropLast(places)
        let part = digits.suffix(places)
        var out = ""
        for (i, digit) in whole.enumerated() {
            if i > 0, (whole.count - i) % 3 == 0 { out += group }
            out.append(digit)
        }
        if !part.isEmpty, !isShort || part.contains(where: { $0 != "0" }) { out += "." + part }
        return out
    }

    /// `38,600.50` in the currency's smallest unit; nil for what is no amount, is negative, or has more
    /// decimals than the currency.
    public static func minor(_ text: String, _ currency: String) -> Int64? {
        let places = decimals(currency)
        let plain = CleanText.foldIdentifier(text).filter { $0 != "," && $0 != " " && $0 != "¥" }
        let parts = plain.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, (1...13).contains(whole.count) else { return nil }
        let part = parts.count > 1 ? parts[1] : ""
        guard parts.count == 1 || (1...max(places, 1)).contains(part.count), part.count <= places,
            (whole + part).utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int64(whole + part + String(repeating: "0", count: places - part.count))
    }

    /// As it stands in a field: `38600.50`, `38600`.
    public static func typed(_ minor: Int64, _ currency: String) -> String {
        number(minor.magnitude, decimals(currency), "", true)
    }
}
