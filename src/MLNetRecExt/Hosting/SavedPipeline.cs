using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using static MLNetRecExt.SavedColumns;

namespace MLNetRecExt;

/// <summary>
/// The stock transformers that do what one of ours does, so that <c>mlContext.Model.Load</c> reads it in a process that registered nothing.
/// </summary>
/// <remarks>
/// <para>ML.NET lets nobody else write into a model file. What it does save is its own transformers, and among these are one that
/// carries code, one that carries floats, and one that can leave them out:</para>
/// <list type="number">
/// <item><c>CustomMapping</c> <see cref="SavedStateAsk"/> says "yes" until the state is loaded; ML.NET stores a mapping as the name of its
/// assembly and contract.</item>
/// <item><c>MapValue</c> turns "yes" into a vector of NaN, "no" into one without values.</item>
/// <item><c>ReplaceMissingValues</c> by slot turns NaN into the state, bit for bit; a vector without values costs nothing.</item>
/// <item><c>CustomMapping</c> <see cref="SavedStatePart"/> hands it on. A large state comes in several parts, so that ML.NET's own
/// copies of it, of which there are many, are small; then this and the step before are repeated.</item>
/// <item><c>CustomMapping</c> <see cref="SavedScore"/> or <see cref="SavedTopItems"/> makes the model of the state, once, and answers the
/// row.</item>
/// <item><c>CopyColumns</c>, <c>ConvertType</c>, <c>MapValueToKey</c>, <c>MapKeyToValue</c>, <c>Concatenate</c>,
/// <see cref="SavedFeatureKeys"/> and <c>DropColumns</c> go between the user's columns and those of the mappings, whose names are
/// fixed.</item>
/// </list>
/// </remarks>
internal sealed class SavedPipeline
{
    /// <summary>Floats in a part of the state at most. Smaller parts cost every row time, larger ones cost saving and loading
    /// memory.</summary>
    private const int MaxPartLength = 1 << 23;

    private const string CollectSwitch = "MLNetRecExt.CollectWhileLoading";

    [ThreadStatic]
    private static long _allocatedBefore;

    private readonly MLContext _ml = new();
    private readonly List<ITransformer> _parts = [];
    private DataViewSchema _schema;

    private SavedPipeline(SavedState state, IEnumerable<DataViewSchema.DetachedColumn> input)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(input);
        _schema = builder.ToSchema();

        Add(Mapping(new SavedStateAsk(), SavedStateAsk.Contract));
        AddState(state);
    }

    public static ITransformer Score(RecommenderModel model, ScoreColumns columns)
    {
        var pipeline = new SavedPipeline(
            new SavedState(model, 0, new TopItemsOptions { Fallback = columns.Fallback }),
            [new(columns.User, model.Users.Type), new(columns.Item, model.Items.Type)]);
        pipeline.AddIds(columns.User, model.Users, UserKey, UserText);
        pipeline.AddIds(columns.Item, model.Items, ItemKey, ItemText);
        pipeline.Add(Mapping(new SavedScore(), SavedScore.Contract));
        pipeline.Copy(columns.Score, SavedColumns.Score);
        pipeline.Copy(columns.Reason, Reason);
        return pipeline.Finish();
    }

    /// <exception cref="NotSupportedException">A feature is of keys whose values ML.NET does not turn into the text that they have
    /// here.</exception>
    public static ITransformer TopItems(RecommenderModel model, TopItemsEstimator.Options options, IReadOnlyList<(FeatureEncoding Feature, string Column)> features, TopItemsOptions candidates)
    {
        var (users, items) = (model.Users, model.Items);
        var input = new List<DataViewSchema.DetachedColumn>();
        if (options.UserColumnName is { } user)
            input.Add(new(user, users.Type));
        if (options.HistoryColumnName is { } history)
            input.Add(new(history, new VectorDataViewType(items.Type)));
        foreach (var numbers in new[] { options.HistoryLabelsColumnName, options.HistoryWeightsColumnName })
            if (numbers is not null)
                input.Add(new(numbers, new VectorDataViewType(NumberDataViewType.Single)));
        input.AddRange(features.Select(entry => FeatureInput(entry.Feature, entry.Column)));

        var pipeline = new SavedPipeline(new SavedState(model, options.NumberOfItems, candidates), input);
        pipeline.AddIds(options.UserColumnName, users, UserKey, UserText);
        pipeline.AddIds(options.HistoryColumnName, items, HistoryKeys, HistoryTexts, isVector: true);
        pipeline.Copy(HistoryLabels, options.HistoryLabelsColumnName ?? NoNumbers);
        pipeline.Copy(HistoryWeights, options.HistoryWeightsColumnName ?? NoNumbers);
        pipeline.AddFeatures(model.Encoder, features);
        pipeline.Add(Mapping(new SavedTopItems(), SavedTopItems.Contract));
        pipeline.AddItems(options.ItemsColumnName, items);
        pipeline.Copy(options.ScoresColumnName, Scores);
        pipeline.Copy(options.ReasonColumnName, Reason);
        return pipeline.Finish();
    }

    /// <summary>What a loaded chain of stock transformers was saved with, or null when no recommender is in it.</summary>
    public static SavedState? FindState(IReadOnlyList<ITransformer> chain)
    {
        var ask = chain.Count - 1;
        while (ask >= 0 && chain[ask] is not CustomMappingTransformer<SavedStateAsk.Source, SavedStateAsk.Result>)
            ask--;
        if (ask < 0)
            return null;
        var ml = new MLContext();
        var first = chain[ask].Transform(ml.Data.LoadFromEnumerable([new IdRow()]));
        var slot = SavedSlot.Of(ReadFirst<ReadOnlyMemory<char>>(first, Model));

        // Part by part, each through a row of its own: one row with all of them holds the state twice more.
        var blank = chain[ask + 1].Transform(ml.Data.LoadFromEnumerable([new AskRow()]));
        var parts = Enumerable.Range(ask + 2, chain.Count - ask - 3)
            .Where(index => chain[index + 1] is CustomMappingTransformer<SavedStatePart.Source, SavedStatePart.Result>)
            .Select(index => chain[index]).ToArray();
        return slot.Fill(parts.Length, part =>
        {
            LetCopiesGo();
            return ReadFirst<VBuffer<float>>(parts[part].Transform(blank), State);
        });
    }

    private static T ReadFirst<T>(IDataView view, string name)
    {
        // A cursor set of one stays on this thread.
        using var cursor = view.GetRowCursorSet([view.Schema[name]], 1)[0];
        cursor.MoveNext();
        T value = default!;
        cursor.GetGetter<T>(view.Schema[name])(ref value);
        return value;
    }

    /// <summary>Collects what ML.NET leaves of a large part that it has read or written, where the process has asked for it.</summary>
    /// <remarks>
    /// Asked for by a switch of <see cref="AppContext"/>, since a collection stops every thread of the process. On its way a part is copied
    /// up to nine times; the collector, which weighs time against memory, lets these copies grow to several times the model.
    /// </remarks>
    public static void LetCopiesGo()
    {
        if (!AppContext.TryGetSwitch(CollectSwitch, out var isAsked) || !isAsked)
            return;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        if (allocated - _allocatedBefore > MaxPartLength * sizeof(float))
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _allocatedBefore = allocated;
    }

    private void AddState(SavedState state)
    {
        var slab = new FloatSlabWriter();
        state.Write(slab);
        var (length, vectors) = slab.ToVectors(MaxPartLength);
        var type = new VectorDataViewType(NumberDataViewType.Single, length);
        var schema = _schema;
        AddDeferred(Blank, type, () =>
        {
            var nan = new float[length];
            Array.Fill(nan, float.NaN);
            var map = Rows(type,
                new StateRow { Ask = SavedStateAsk.Yes, Values = new VBuffer<float>(length, nan) },
                new StateRow { Ask = SavedStateAsk.No, Values = new VBuffer<float>(length, 0, [], []) });
            return _ml.Transforms.Conversion.MapValue(Blank, map, map.Schema[Ask], map.Schema[Blank], Ask).Fit(new EmptyView(schema));
        });
        foreach (var vector in vectors)
        {
            AddDeferred(State, type, () =>
            {
                var row = Rows(type, new StateRow { Values = new VBuffer<float>(length, vector()) });
                return _ml.Transforms.ReplaceMissingValues(State, Blank, MissingValueReplacingEstimator.ReplacementMode.Minimum, imputeBySlot: true).Fit(row);
            });
            Add(Mapping(new SavedStatePart(), SavedStatePart.Contract));
        }
    }

    private void AddDeferred(string column, DataViewType type, Func<ITransformer> make) => Add(new DeferredTransformer(new(column, type), make));

    private IDataView Rows(VectorDataViewType type, params StateRow[] rows)
    {
        var definition = SchemaDefinition.Create(typeof(StateRow));
        definition[Blank].ColumnType = type;
        return _ml.Data.LoadFromEnumerable(rows, definition);
    }

    /// <summary>The user's column of ids as raw keys and as text: the one that the ids are not is empty.</summary>
    private void AddIds(string? column, IdMap ids, string keys, string texts, bool isVector = false)
    {
        if (column is not null && ids.IsKey)
            Add(_ml.Transforms.Conversion.ConvertType(keys, column, DataKind.UInt32));
        else
            Copy(keys, isVector ? NoKeys : NoKey);
        if (column is not null && !ids.IsKey)
            Add(_ml.Transforms.Conversion.ConvertType(texts, column, DataKind.String));
        else
            Copy(texts, isVector ? NoTexts : NoText);
    }

    /// <summary>A column with the feature. Keys may be of any count, and have any values of the kind.</summary>
    private static DataViewSchema.DetachedColumn FeatureInput(FeatureEncoding feature, string column)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        if (feature.Type.IsKey && feature.Type.Kind is not null)
            IdMap.FromText([""], isKey: true).AddKeyValues(annotations);
        return new(column, new VectorDataViewType(feature.ItemType, feature.Means.Length), annotations.ToAnnotations());
    }

    private void AddFeatures(FeatureEncoder encoder, IReadOnlyList<(FeatureEncoding Feature, string Column)> features)
    {
        Copy(FeatureTexts, NoTexts);
        Copy(FeatureNumbers, NoNumbers);
        if (features.Count == 0)
            return;
        foreach (var feature in encoder.Columns)
        {
            foreach (var (_, given) in features.Where(entry => entry.Feature == feature))
            {
                var column = feature.Type.IsDates ? FeatureDays : given;
                if (feature.Type.IsDates)
                {
                    Add(_ml.Transforms.Concatenate(FeatureDates, given));
                    Add(Mapping(new SavedFeatureDates(), SavedFeatureDates.Contract));
                }
                AddFeatureText(feature, column);
                Append(FeatureTexts, FeatureText);
                if (feature.Type.IsNumbers)
                    Append(FeatureNumbers, column);
            }
            Append(FeatureTexts, Model);
        }

        void Append(string to, string from) => Add(_ml.Transforms.Concatenate(to, to, from));
    }

    private void AddFeatureText(FeatureEncoding feature, string column)
    {
        if (feature.Type is { IsKey: true, Kind: null })
        {
            Add(_ml.Transforms.Concatenate(FeatureKeys, column));
            Add(_ml.Transforms.Conversion.ConvertType(FeatureKeys, outputKind: DataKind.UInt32));
            Add(Mapping(new SavedFeatureKeys(), SavedFeatureKeys.Contract));
            return;
        }
        if (feature.Type is { IsKey: true, Kind: DataKind.Single or DataKind.Double or DataKind.DateTime or DataKind.TimeSpan })
            throw new NotSupportedException(
                $"The feature '{feature.Name}' is keys with {feature.Type.Kind} KeyValues, which ML.NET's own transformers do not carry exactly: train with keys of text or integers to save the pipeline, or save the model by itself.");
        if (feature.Type.IsKey)
            Add(_ml.Transforms.Conversion.MapKeyToValue(FeatureText, column));
        Add(_ml.Transforms.Conversion.ConvertType(FeatureText, feature.Type.IsKey ? FeatureText : column, DataKind.String));
    }

    private void AddItems(string column, IdMap ids)
    {
        var kind = ids.Kind ?? DataKind.UInt32;
        Add(_ml.Transforms.Conversion.ConvertType(column, Items, kind));
        if (!ids.IsKey)
            return;
        // As text and back: the one way that needs no code per type.
        var texts = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, ids.Count).Select(index => new IdRow { Text = ids.GetText(index) }));
        var values = _ml.Transforms.Conversion.ConvertType("Id", nameof(IdRow.Text), kind).Append(_ml.Transforms.SelectColumns("Id")).Fit(texts).Transform(texts);
        Add(_ml.Transforms.Conversion.MapValueToKey(column, keyData: values));
    }

    private void Copy(string? to, string from)
    {
        if (to is not null)
            Add(_ml.Transforms.CopyColumns(to, from));
    }

    private TransformerChain<ITransformer> Finish()
    {
        var own = typeof(SavedColumns).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!);
        Add(_ml.Transforms.DropColumns([.. own.Where(name => _schema.GetColumnOrNull(name) is not null)]));
        return new TransformerChain<ITransformer>([.. _parts]);
    }

    private void Add(IEstimator<ITransformer> estimator) => Add(estimator.Fit(new EmptyView(_schema)));

    private void Add(ITransformer transformer)
    {
        _parts.Add(transformer);
        _schema = transformer.GetOutputSchema(_schema);
    }

    private static IEstimator<ITransformer> Mapping<TSource, TResult>(CustomMappingFactory<TSource, TResult> factory, string contract)
        where TSource : class, new()
        where TResult : class, new() =>
        new MLContext().Transforms.CustomMapping(factory.GetMapping(), contract);

    private sealed class IdRow
    {
        public string Text { get; set; } = "";
    }

    private sealed class AskRow
    {
        [ColumnName(SavedColumns.Ask)]
        public string Ask { get; set; } = SavedStateAsk.Yes;
    }

    private sealed class StateRow
    {
        [ColumnName(SavedColumns.Ask)]
        public string Ask { get; set; } = "";

        [ColumnName(Blank)]
        public VBuffer<float> Values { get; set; }
    }
}
