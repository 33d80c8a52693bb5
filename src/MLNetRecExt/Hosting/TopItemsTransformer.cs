using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>Appends a model's best items and their scores to each row. See <see cref="TopItemsEstimator"/> for the columns.</summary>
public sealed class TopItemsTransformer : ModelTransformer
{
    private readonly TopItemsEstimator.Options _options;
    private readonly TopItemsOptions _candidates;
    private readonly (FeatureEncoding Feature, string Column)[] _features;
    private readonly DataViewSchema.DetachedColumn[] _appended;
    private volatile bool _isWarm;

    internal TopItemsTransformer(IHostEnvironment environment, RecommenderModel model, TopItemsEstimator.Options options)
        : base(environment, model)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Clone();
        _options.Validate();
        if (_options.HistoryColumnName is null)
        {
            if (_options.HistoryLabelsColumnName is not null || _options.HistoryWeightsColumnName is not null)
                throw new ArgumentException($"Labels or weights of a history are named but the history is not: set {nameof(_options.HistoryColumnName)}.");
            if (_options.FeatureColumns is not { Length: > 0 })
                _options.UserColumnName ??= "User";
        }
        else if (!model.CanFoldIn)
            throw new NotSupportedException($"{model.GetType().Name} cannot answer for a history. Leave {nameof(_options.HistoryColumnName)} null and name a user column.");
        _features = [.. Features(model.Encoder, _options)];
        // Each row is a small query of its own: threads belong to the cursors.
        _candidates = _options.Candidates with { NumberOfThreads = 1 };
        _appended = [.. Appended()];
    }

    internal SchemaShape GetOutputShape(SchemaShape input)
    {
        if (_options.UserColumnName is { } user)
            IdColumn.Check(input, user, Model.Users, "users");
        if (_options.HistoryColumnName is { } history)
            IdColumn.Check(input, history, Model.Items, "items", isVector: true);
        foreach (var (feature, column) in _features)
            FeatureColumns.Check(input, feature, column);
        return SchemaShapes.Append(input, _appended);
    }

    private protected override AppendedColumns Append(DataViewSchema input)
    {
        var user = _options.UserColumnName is { } name ? IdColumn.Find(input, name, Model.Users, "users") : null;
        var history = _options.HistoryColumnName is null ? null : new HistoryColumns(input, Model.Items, _options);
        var features = new FeatureColumns(input, _features);
        var sources = new List<DataViewSchema.Column>([.. history?.Sources ?? [], .. features.Sources]);
        if (user is not null)
            sources.Add(user.Column);

        return new AppendedColumns(input, _appended, sources, row =>
        {
            WarmUp();
            var readUser = user?.Scalar(row) ?? (() => -1);
            var readHistory = history?.Open(row) ?? (() => default);
            var readFeatures = features.Open(row);
            var answered = long.MinValue;
            TopItemLists list = null!;

            // All columns share one answer per row.
            TopItemLists Answer()
            {
                if (answered != row.Position)
                {
                    var query = RecommenderQuery.ForUserOrNobody(readUser(), readHistory());
                    if (readFeatures() is { } values)
                        query = query.WithFeatures(values);
                    list = Model.TopItems([query], _options.NumberOfItems, _candidates);
                    answered = row.Position;
                }
                return list;
            }

            ValueGetter<VBuffer<float>> scores = (ref VBuffer<float> value) => Fill(ref value, Answer().Scores(0), score => score);
            ValueGetter<ReadOnlyMemory<char>> reason = (ref ReadOnlyMemory<char> value) => value = Answer().Reason(0).ToString().AsMemory();
            var items = ItemsGetter(Answer);
            return _options.ReasonColumnName is null ? [items, scores] : [items, scores, reason];
        });
    }

    /// <summary>Does before the first row what is done once: a cursor or a prediction engine is being made, so rows will come.</summary>
    private void WarmUp()
    {
        if (_isWarm)
            return;
        var byHistory = _options.HistoryColumnName is not null;
        Model.WarmUp(_options.Candidates, byHistory);
        if (_options.UserColumnName is not null && !Model.Users.IsKey)
            Model.Users.PrepareIndex();
        if (byHistory && !Model.Items.IsKey)
            Model.Items.PrepareIndex();
        _isWarm = true;
    }

    internal override ITransformer ToStock() => SavedPipeline.TopItems(Model, _options, _features, _candidates);

    /// <summary>Which features rows bring, and in which columns.</summary>
    private static IEnumerable<(FeatureEncoding Feature, string Column)> Features(FeatureEncoder encoder, TopItemsEstimator.Options options)
    {
        if (options.FeatureColumns is not { } pairs)
            return options.HistoryColumnName is null ? [] : encoder.Columns.Select(feature => (feature, feature.Name));
        if (pairs.Select(pair => pair.OutputColumnName).Distinct().Count() != pairs.Length)
            throw new ArgumentException($"{nameof(options.FeatureColumns)} name a feature twice; each needs one column.", nameof(options));
        return pairs.Select(pair => (encoder.Find(pair.OutputColumnName), pair.InputColumnName));
    }

    private IEnumerable<DataViewSchema.DetachedColumn> Appended()
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        if (Model.Items.IsKey)
            Model.Items.AddKeyValues(annotations);
        yield return new(_options.ItemsColumnName, new VectorDataViewType(Model.Items.Type), annotations.ToAnnotations());
        yield return new(_options.ScoresColumnName, new VectorDataViewType(NumberDataViewType.Single));
        if (_options.ReasonColumnName is not null)
            yield return new(_options.ReasonColumnName, TextDataViewType.Instance);
    }

    private Delegate ItemsGetter(Func<TopItemLists> answer)
    {
        var ids = Model.Items;
        if (ids.IsKey)
            return Getter(item => (uint)item + 1);
        return ids.Kind switch
        {
            DataKind.String => Getter(item => ids.GetText(item).AsMemory()),
            DataKind.Int32 => Getter(item => (int)ids.Integers![item]),
            DataKind.UInt32 => Getter(item => (uint)ids.Integers![item]),
            DataKind.UInt64 => Getter(item => (ulong)ids.Integers![item]),
            _ => Getter(item => ids.Integers![item]),
        };

        ValueGetter<VBuffer<T>> Getter<T>(Func<int, T> id) => (ref VBuffer<T> value) => Fill(ref value, answer().Items(0), id);
    }

    private static void Fill<TSource, TValue>(ref VBuffer<TValue> value, ReadOnlySpan<TSource> source, Func<TSource, TValue> convert)
    {
        var editor = VBufferEditor.Create(ref value, source.Length);
        for (int i = 0; i < source.Length; i++)
            editor.Values[i] = convert(source[i]);
        value = editor.Commit();
    }
}
