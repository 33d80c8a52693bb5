using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt.Tests.Data;

public class IdMapTests
{
    private readonly MLContext _ml = new(seed: 1);

    private sealed class Row<T>
    {
        public T User = default!;
    }

    public static TheoryData<object[], DataKind> Ids => new()
    {
        { ["b", "ä", "a b"], DataKind.String },
        { [(sbyte)-3, sbyte.MaxValue, (sbyte)0], DataKind.SByte },
        { [(byte)3, byte.MaxValue, (byte)0], DataKind.Byte },
        { [(short)-3, short.MaxValue, (short)0], DataKind.Int16 },
        { [(ushort)3, ushort.MaxValue, (ushort)0], DataKind.UInt16 },
        { [-3, int.MaxValue, 0], DataKind.Int32 },
        { [3u, uint.MaxValue, 0u], DataKind.UInt32 },
        { [long.MinValue, long.MaxValue, 0L], DataKind.Int64 },
        { [3ul, ulong.MaxValue, 0ul], DataKind.UInt64 },
        { [-0.1f, float.MaxValue, 1e-30f], DataKind.Single },
        { [-0.1, double.MaxValue, 1e-300], DataKind.Double },
        { [true, false], DataKind.Boolean },
        { [new DateTime(2024, 2, 29, 12, 34, 56).AddTicks(7), new DateTime(1999, 1, 1)], DataKind.DateTime },
    };

    [Theory, MemberData(nameof(Ids))]
    public void FromKeyColumn_KeyValuesOfEachKind_ComeBackInTheirType(object[] ids, DataKind kind)
    {
        var (source, map) = ids[0] switch
        {
            string => Mapped<string, ReadOnlyMemory<char>>(text => text.ToString()),
            sbyte => Mapped<sbyte, sbyte>(),
            byte => Mapped<byte, byte>(),
            short => Mapped<short, short>(),
            ushort => Mapped<ushort, ushort>(),
            int => Mapped<int, int>(),
            uint => Mapped<uint, uint>(),
            long => Mapped<long, long>(),
            ulong => Mapped<ulong, ulong>(),
            float => Mapped<float, float>(),
            double => Mapped<double, double>(),
            bool => Mapped<bool, bool>(),
            _ => Mapped<DateTime, DateTime>(),
        };

        Assert.True(map.IsKey);
        Assert.Equal(kind, map.Kind);
        Assert.Equal(ids, source);
        for (int index = 0; index < ids.Length; index++)
            Assert.Equal(index, map.IndexOf(map.GetText(index)));
        Assert.Equal(-1, map.IndexOf("no such id"));

        // From the column into the map, out to annotations and back.
        (object[], IdMap) Mapped<T, TValue>(Func<TValue, object>? unbox = null) where T : notnull
        {
            var view = _ml.Data.LoadFromEnumerable(ids.Select(id => new Row<T> { User = (T)id }));
            var keys = _ml.Transforms.Conversion.MapValueToKey("User").Fit(view).Transform(view);
            var map = IdMap.FromKeyColumn(keys.Schema["User"]);
            var annotations = new DataViewSchema.Annotations.Builder();
            map.AddKeyValues(annotations);
            var schema = new DataViewSchema.Builder();
            schema.AddColumn("Out", keys.Schema["User"].Type, annotations.ToAnnotations());
            var column = schema.ToSchema()["Out"];
            var values = default(VBuffer<TValue>);
            column.GetKeyValues(ref values);
            Assert.True(IdMap.FromKeyColumn(column).HasSameIds(map));
            Assert.All(ids, (id, index) => Assert.Equal(index, map.IndexOf((T)id)));
            Assert.All(ids, (id, index) => Assert.Equal(id, map.GetId<T>(index)));
            map.CheckFits<T>("users");
            return (values.DenseValues().Select(value => unbox is null ? (object)value! : unbox(value)).ToArray(), map);
        }
    }

    [Theory]
    [InlineData(typeof(DateTimeOffset))]
    [InlineData(typeof(TimeSpan))]
    public void FromKeyColumn_TimesThatMapValueToKeyCannotMake_AreRead(Type type)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        if (type == typeof(TimeSpan))
            annotations.Add(IdMap.KeyValues, new VectorDataViewType(TimeSpanDataViewType.Instance, 1),
                (ref VBuffer<TimeSpan> value) => value = new(1, [TimeSpan.FromTicks(-12345678901)]));
        else
            annotations.Add(IdMap.KeyValues, new VectorDataViewType(DateTimeOffsetDataViewType.Instance, 1),
                (ref VBuffer<DateTimeOffset> value) => value = new(1, [new DateTimeOffset(2024, 2, 29, 1, 2, 3, TimeSpan.FromHours(5.5))]));
        var schema = new DataViewSchema.Builder();
        schema.AddColumn("User", new KeyDataViewType(typeof(uint), 1), annotations.ToAnnotations());

        var map = IdMap.FromKeyColumn(schema.ToSchema()["User"]);

        Assert.Equal(type == typeof(TimeSpan) ? "-00:20:34.5678901" : "2024-02-29T01:02:03.0000000+05:30", map.GetText(0));
        Assert.Equal(0, map.IndexOf(map.GetText(0)));
    }

    [Fact]
    public void FromKeys_WithoutValues_TextIsTheOneBasedKey()
    {
        var map = IdMap.FromKeys(3);

        Assert.Equal(["1", "2", "3"], Enumerable.Range(0, 3).Select(map.GetText));
        Assert.Equal([0, 2, -1, -1], new[] { map.IndexOf("1"), map.IndexOf(3), map.IndexOf("0"), map.IndexOf(4) });
        Assert.Equal((2, 2L, 2u, 2ul), (map.GetId<int>(1), map.GetId<long>(1), map.GetId<uint>(1), map.GetId<ulong>(1)));
    }

    [Fact]
    public void Index_RepeatedIds_CountsByFirstOccurrence()
    {
        var text = IdMap.Index(["b", "a", "b", "c"], out var textIndices);
        var integers = IdMap.Index([long.MaxValue, -1, long.MaxValue], out var integerIndices);

        Assert.Equal([0, 1, 0, 2], textIndices);
        Assert.Equal("c", text.GetText(2));
        Assert.Equal([0, 1, 0], integerIndices);
        Assert.Equal(1, integers.IndexOf(-1));
        Assert.Throws<ArgumentException>(() => IdMap.Index(["a", ""], out _));
    }

    [Fact]
    public void IndexOf_SpanInsideLongerText_FindsTheId()
    {
        var map = IdMap.FromText(["ann", "bob"]);

        Assert.Equal(1, map.IndexOf("x bob y".AsSpan(2, 3)));
        Assert.Equal(-1, map.IndexOf("Bob"));
    }

    [Fact]
    public void IndexOf_IntegersOfAnotherWidth_AreFoundByTheirValue()
    {
        var small = IdMap.FromIntegers([7, -1], DataKind.Int32);
        var big = IdMap.FromIntegers([unchecked((long)ulong.MaxValue), 7], DataKind.UInt64);

        Assert.Equal([0, 0, 0, 1, -1], new[] { small.IndexOf(7), small.IndexOf(7L), small.IndexOf((byte)7), small.IndexOf(-1L), small.IndexOf(ulong.MaxValue) });
        Assert.Equal([1, 1, 0, -1], new[] { big.IndexOf(7), big.IndexOf(7ul), big.IndexOf(ulong.MaxValue), big.IndexOf(-1) });
        Assert.Equal([1, 0], small.IndicesOf([-1L, 8, 7]));
    }

    [Fact]
    public void GetId_Guids_AreTextInTheirDForm()
    {
        Guid[] ids = [Guid.NewGuid(), Guid.Empty];
        var map = IdMap.FromText([.. ids.Select(id => id.ToString())]);

        map.CheckFits<Guid>("users");
        Assert.Equal([0, 1, -1], new[] { map.IndexOf(ids[0]), map.IndexOf(ids[1]), map.IndexOf(new Guid(1, 2, 3, new byte[8])) });
        Assert.Equal(ids, new[] { map.GetId<Guid>(0), map.GetId<Guid>(1) });
        Assert.Equal($"{ids[0]}", map.GetId<string>(0));

        var other = IdMap.FromText(["ABCDEFAB-0000-0000-0000-000000000000", "bob"]);
        Assert.Contains("ask with For<string, …>", Assert.Throws<ArgumentException>(() => other.CheckFits<Guid>("users")).Message);
        Assert.Contains("'bob', which is no Guid", Assert.Throws<ArgumentException>(() => other.GetId<Guid>(1)).Message);
    }

    [Fact]
    public void GetId_OfAnotherType_SaysWhichTypeTheIdsHave()
    {
        var integers = IdMap.FromIntegers([7], DataKind.Int32);
        var text = IdMap.FromText(["ann"]);
        var keys = IdMap.FromKeys(1);

        Assert.Equal("7", integers.GetId<string>(0));
        Assert.Equal("These are Int32 ids, not Guid. Ask with Int32, or with string for their text.", Misfit(() => integers.GetId<Guid>(0)));
        Assert.Equal("These are Int32 ids, not Int64. Ask with Int32, or with string for their text.", Misfit(() => integers.GetId<long>(0)));
        Assert.Equal("These are text ids, not Int32. Ask with string.", Misfit(() => text.IndexOf(7)));
        Assert.StartsWith("These are keys without values, from 1 to 1, not Double.", Misfit(() => keys.IndexOf(1.0)));
        Assert.Equal("The model's users are Int32 ids, not Int64; ask with For<Int32, …>, or string for their text.", Misfit(() => integers.CheckFits<long>("users")));
        Assert.Equal("The model's items are text ids, not Int32; ask with For<…, string>.", Misfit(() => text.CheckFits<int>("items")));

        static string Misfit(Action ask) => Assert.Throws<ArgumentException>(ask).Message;
    }

    [Fact]
    public void Extends_DifferentMaps_ComparesKindKeyAndIds()
    {
        var map = IdMap.FromText(["a", "b"]);

        Assert.True(map.Extends(map));
        Assert.True(IdMap.FromText(["a", "b", "c"]).Extends(map));
        Assert.True(map.Extends(IdMap.FromText(["a", "b"])));
        Assert.False(map.Extends(IdMap.FromText(["a", "c"])));
        Assert.False(map.Extends(IdMap.FromText(["a", "b", "c"])));
        Assert.False(map.Extends(IdMap.FromText(["a", "b"], isKey: true)));
        Assert.False(IdMap.FromIntegers([1, 2], DataKind.Int32).Extends(IdMap.FromIntegers([1, 2], DataKind.Int64)));
        Assert.True(IdMap.FromIntegers([1, 2, 3], DataKind.Int32).Extends(IdMap.FromIntegers([1, 2], DataKind.Int32)));
        Assert.True(IdMap.FromKeys(3).Extends(IdMap.FromKeys(2)));
        Assert.False(IdMap.FromKeys(2).Extends(IdMap.FromKeys(3)));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void GetText_IndexOutOfRange_Throws(int index)
    {
        var map = IdMap.FromText(["a", "b"]);

        Assert.StartsWith($"Index {index} is not in 0…1", Assert.Throws<ArgumentOutOfRangeException>(() => map.GetText(index)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => map.GetId<string>(index));
        Assert.Throws<ArgumentOutOfRangeException>(() => IdMap.FromKeys(2).GetId<int>(index));
    }
}
