using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace MLNetRecExt;

/// <summary>Rows that one run of the graph answers. Serves one cursor.</summary>
internal sealed class OnnxBatch
{
    private readonly OnnxRecommenderTransformer _transformer;
    private readonly Input[] _inputs;
    private readonly Array[] _outputs;

    /// <param name="transformer">Whose graph.</param>
    /// <param name="row">The row or cursor that <see cref="Add"/> reads.</param>
    public OnnxBatch(OnnxRecommenderTransformer transformer, DataViewRow row)
    {
        _transformer = transformer;
        _inputs = Array.ConvertAll(transformer.Inputs, column => Input.Open(column, row));
        _outputs = new Array[transformer.Outputs.Length];
    }

    public int Count { get; private set; }

    public void Clear()
    {
        foreach (var input in _inputs)
            input.Clear();
        Count = 0;
    }

    /// <summary>Adds the row as it stands.</summary>
    /// <exception cref="InvalidOperationException">A history has more or fewer labels or weights than items.</exception>
    public void Add()
    {
        var items = -1;
        foreach (var input in _inputs)
        {
            var length = input.Add();
            if (input.IsFeature)
                continue;
            if (items >= 0 && length != items)
                throw new InvalidOperationException($"A row has {items} items in '{_inputs[0].Name}' and {length} values in '{input.Name}'; there must be as many of each.");
            items = length;
        }
        Count++;
    }

    /// <summary>Has the graph answer the rows.</summary>
    /// <exception cref="InvalidDataException">It cannot: nobody exported such a graph, or memory is short.</exception>
    public void Run()
    {
        using var results = RunGraph();
        for (int i = 0; i < _outputs.Length; i++)
            _outputs[i] = results[i].Value switch
            {
                DenseTensor<float> numbers => numbers.Buffer.ToArray(),
                DenseTensor<long> ids => ids.Buffer.ToArray(),
                DenseTensor<string> texts => Array.ConvertAll(texts.Buffer.ToArray(), text => text.AsMemory()),
                var other => throw new InvalidDataException($"Output '{_transformer.Outputs[i].Name}' is {other.GetType()}."),
            };
    }

    private IDisposableReadOnlyCollection<DisposableNamedOnnxValue> RunGraph()
    {
        try
        {
            return _transformer.Session.Run(
                Array.ConvertAll(_inputs, input => input.ToTensor()), Array.ConvertAll(_transformer.Outputs, output => output.Name));
        }
        catch (OnnxRuntimeException cause)
        {
            // What SaveAsOnnx writes answers any rows.
            throw new InvalidDataException(
                $"ONNX Runtime cannot run the graph on these rows: {cause.Message} If memory is not short, export the graph again.", cause);
        }
    }

    /// <summary>A getter per output.</summary>
    /// <param name="answer">Sees to it that a row is answered, and says which of the batch it is.</param>
    public Delegate[] Getters(Func<int> answer)
    {
        return [.. _transformer.Outputs.Select((output, i) =>
            output.ItemType == TextDataViewType.Instance ? Getter<ReadOnlyMemory<char>>(i)
            : output.ItemType == NumberDataViewType.Int64 ? Getter<long>(i)
            : Getter<float>(i))];

        Delegate Getter<T>(int output) => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) =>
        {
            var row = answer();
            var values = (T[])_outputs[output];
            var length = values.Length / Count;
            var editor = VBufferEditor.Create(ref value, length);
            values.AsSpan(row * length, length).CopyTo(editor.Values);
            value = editor.Commit();
        });
    }

    private abstract class Input(OnnxColumn column)
    {
        public string Name => column.Name;

        public bool IsFeature => column.Role == OnnxMetadata.Feature;

        public abstract void Clear();

        /// <summary>Reads a value or vector; returns its length.</summary>
        public abstract int Add();

        public abstract NamedOnnxValue ToTensor();

        public static Input Open(OnnxColumn column, DataViewRow row)
        {
            if (column.ItemType == TextDataViewType.Instance)
                return new Of<ReadOnlyMemory<char>, string>(column, row, Texts, column.Filler ?? "");
            if (column.ItemType == NumberDataViewType.Int64)
                return new Of<long, long>(column, row, (values, list) => list.AddRange(values), column.Filler is null ? 0 : long.Parse(column.Filler, CultureInfo.InvariantCulture));
            return new Of<float, float>(column, row, (values, list) => list.AddRange(values), 1);

            static void Texts(ReadOnlySpan<ReadOnlyMemory<char>> values, List<string> list)
            {
                foreach (var text in values)
                    list.Add(text.ToString());
            }
        }

        /// <param name="column">The input.</param>
        /// <param name="row">Where it is read.</param>
        /// <param name="append">Adds a column's values to a tensor's.</param>
        /// <param name="filler">What shorter vectors are filled up with.</param>
        private sealed class Of<T, TTensor>(OnnxColumn column, DataViewRow row, Action<ReadOnlySpan<T>, List<TTensor>> append, TTensor filler) : Input(column)
        {
            private readonly List<TTensor> _values = [];
            private readonly List<int> _ends = [];
            private readonly ValueGetter<T>? _scalar = row.Schema[column.Name].Type is VectorDataViewType ? null : row.GetGetter<T>(row.Schema[column.Name]);
            private readonly ValueGetter<VBuffer<T>>? _vector = row.Schema[column.Name].Type is VectorDataViewType ? row.GetGetter<VBuffer<T>>(row.Schema[column.Name]) : null;
            private T _value = default!;
            private VBuffer<T> _buffer;

            public override void Clear()
            {
                _values.Clear();
                _ends.Clear();
            }

            public override int Add()
            {
                var start = _values.Count;
                if (_scalar is not null)
                {
                    _scalar(ref _value);
                    append(new ReadOnlySpan<T>(in _value), _values);
                }
                else
                {
                    _vector!(ref _buffer);
                    append(_buffer.IsDense ? _buffer.GetValues() : [.. _buffer.DenseValues()], _values);
                }
                _ends.Add(_values.Count);
                return _values.Count - start;
            }

            public override NamedOnnxValue ToTensor()
            {
                var longest = 1;
                for (int i = 0; i < _ends.Count; i++)
                    longest = Math.Max(longest, _ends[i] - Start(i));
                var tensor = new TTensor[_ends.Count * longest];
                Array.Fill(tensor, filler);
                for (int i = 0; i < _ends.Count; i++)
                    CollectionsMarshal.AsSpan(_values)[Start(i).._ends[i]].CopyTo(tensor.AsSpan(i * longest));
                return NamedOnnxValue.CreateFromTensor(Name, new DenseTensor<TTensor>(tensor, [_ends.Count, longest]));
            }

            private int Start(int i) => i == 0 ? 0 : _ends[i - 1];
        }
    }
}
