namespace MLNetRecExt.Tests.Data;

public sealed class Utf8IdsTests
{
    private static readonly string[] Texts =
        ["", "a", "käse", "日本語", "😀 two", "\ud800", "\udc00x", "half \ud83d", "\udc00\ud800", "\ud800\ud83d\ude00", "\0", new('ß', 5000)];

    [Fact]
    public void Text_AnyText_IsThatWhichWasAdded()
    {
        var ids = new Utf8Ids(Texts);
        var (empty, grown) = (new Utf8Ids(0, 0), new Utf8Ids());
        foreach (var text in Texts)
        {
            empty.Add(text);
            grown.Add(ids[grown.Count]);
        }

        foreach (var each in new[] { ids, empty, grown, ids.Copy(), grown.Trim() })
        {
            Assert.Equal(Texts.Length, each.Count);
            Assert.Equal(Texts, Enumerable.Range(0, each.Count).Select(each.Text));
            Assert.Equal(Texts.Select(text => text.Length), Enumerable.Range(0, each.Count).Select(each.LengthOf));
            Assert.True(each.StartsWith(ids));
        }
    }

    [Fact]
    public void Encode_AnyTwoTexts_HaveTheSameBytesOnlyIfTheyAreTheSame()
    {
        var random = new Random(1);
        // Few letters, halves of pairs among them: many texts are the same.
        var texts = Enumerable.Range(0, 2000).Select(_ => string.Concat(
            Enumerable.Range(0, random.Next(4)).Select(_ => "ab\ud83d\ude00\ud800"[random.Next(5)]))).ToArray();
        var ids = new Utf8Ids(texts);

        Assert.Equal(texts, Enumerable.Range(0, ids.Count).Select(ids.Text));
        Assert.Equal(
            texts.Distinct(StringComparer.Ordinal).Count(),
            Enumerable.Range(0, ids.Count).Select(index => Convert.ToHexString(ids[index])).Distinct().Count());
    }

    [Fact]
    public void StartsWith_AnotherTextOrBorder_IsFalse()
    {
        var ids = new Utf8Ids(["ab", "c"]);

        Assert.True(ids.StartsWith(new(["ab"])));
        Assert.True(ids.StartsWith(new([])));
        Assert.False(ids.StartsWith(new(["a", "bc"])));
        Assert.False(ids.StartsWith(new(["ab", "d"])));
        Assert.False(ids.StartsWith(new(["ab", "c", "d"])));
    }
}
