import Base
import Testing

@Suite struct MoneyTests {
    /// Decimals by ISO 4217: none for yen and the Chilean peso, three for the Kuwaiti dinar.
    @Test(arguments: [
        ("CNY", 3_860_000, "¥\u{A0}38,600.00", "¥\u{A0}38,600", "38600"),
        ("CNY", 5, "¥\u{A0}0.05", "¥\u{A0}0.05", "0.05"),
        ("USD", 123_456_789, "USD\u{A0}1,234,567.89", "USD\u{A0}1,234,567.89", "1234567.89"),
        ("JPY", 1200, "JPY\u{A0}1,200", "JPY\u{A0}1,200", "1200"),
        ("CLP", 0, "CLP\u{A0}0", "CLP\u{A0}0", "0"),
        ("KWD", 1_500, "KWD\u{A0}1.500", "KWD\u{A0}1.500", "1.500"),
    ])
    func writtenAndReadBack(_ c: (String, Int, String, String, String)) {
        let minor = Int64(c.1)
        #expect(Money.text(minor, c.0) == c.2)
        #expect(Money.text(minor, c.0, isShort: true) == c.3)
        #expect(Money.typed(minor, c.0) == c.4)
        #expect(Money.minor(c.4, c.0) == minor)
    }

    @Test func extremes() {
        #expect(Money.text(.min, "CNY") == "−¥\u{A0}92,233,720,368,547,758.08")
        #expect(Money.minor("9999999999999.99", "CNY") == 999_999_999_999_999)
    }

    @Test(arguments: [
        ("1.5", "JPY"), ("1.234", "CNY"), ("1.", "CNY"), ("-3", "CNY"), ("", "CNY"), ("1e9", "CNY"),
        ("NaN", "CNY"), ("12345678901234", "CNY"), ("1.2.3", "CNY"),
    ])
    func noAmount(_ c: (String, String)) { #expect(Money.minor(c.0, c.1) == nil) }
}

@Suite struct CountryTests {
    @Test func namesInAllLanguages() throws {
        let kenya = try #require(Country("ke"))
        #expect(Language.allCases.map { kenya.name(in: $0) } == ["肯尼亚", "肯亞", "Kenya"])
        #expect(Country("CN")?.name(in: .traditionalChinese) == "中國")
    }

    @Test(arguments: ["", "K", "XX", "Kenya", "12", "中国", "001"])
    func unknown(_ text: String) { #expect(Country(text) == nil) }

    @Test func listsAreWholeAndSorted() {
        for language in Language.allCases {
            let all = Country.all(in: language)
            #expect(all.count > 240)
            #expect(all.allSatisfy { !$0.name.isEmpty && $0.code.utf8.count == 2 })
        }
        let english = Country.all(in: .english).map(\.name)
        #expect(english.prefix(2) == ["Afghanistan", "Åland Islands"])
    }
}
